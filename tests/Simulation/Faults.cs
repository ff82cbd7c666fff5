namespace Switchboard.Simulation;

/// <summary>
/// What goes wrong in a run, and how often. Drawn from the seed, so that each run has its own mix and many have none of some kind: where
/// everything goes wrong at once, nothing gets far enough to meet the rarer faults.
/// </summary>
internal sealed class Faults
{
    public Faults(SimRandom random)
    {
        Doors = random.Between(1, 3);
        Pool = random.Chance(150);
        SecondProcess = random.Chance(350);
        Loss = Sometimes(random, 60);
        Doubling = Sometimes(random, 150);
        LongestDelay = random.Of([2, 20, 200, 1500]);
        LongestWrite = random.Of([1, 10, 100, 500]);
        ActivationLoss = Every(random, 300, 6000);
        SilentInquiry = Sometimes(random, 300);
        ClockJump = Every(random, 1000, 8000);
        Cut = Every(random, 800, 8000);
        Reconnect = Every(random, 500, 8000);
        DoorCrash = Every(random, 6000, 20000);
        DoorDrain = Every(random, 5000, 20000);
        Kick = Every(random, 4000, 20000);
        QueueLoss = Every(random, 4000, 20000);
        SlowCaller = Sometimes(random, 300);
        CallerGone = Sometimes(random, 200);
        BadAgent = Sometimes(random, 400);
        Hop = Sometimes(random, 500);
        MaxInFlight = random.Between(1, 6);
        QueueCapacity = random.Between(1, 5);
        RequestEvery = random.Of([60, 200, 500]);
    }

    public int Doors { get; }

    public bool Pool { get; }

    public bool SecondProcess { get; }

    /// <summary>Calls to grains that are lost, of a thousand; the replies too.</summary>
    public int Loss { get; }

    /// <summary>Calls that arrive twice, of a thousand.</summary>
    public int Doubling { get; }

    public int LongestDelay { get; }

    /// <summary>How long a write to an agent may take, in ms: slow ones let requests wait in the session's queue.</summary>
    public int LongestWrite { get; }

    /// <summary>The mean time between two, in ms; 0: never. So for all that come by themselves.</summary>
    public int ActivationLoss { get; }

    public int SilentInquiry { get; }

    public int ClockJump { get; }

    public int Cut { get; }

    public int Reconnect { get; }

    public int DoorCrash { get; }

    public int DoorDrain { get; }

    public int Kick { get; }

    public int QueueLoss { get; }

    public int SlowCaller { get; }

    public int CallerGone { get; }

    public int BadAgent { get; }

    /// <summary>Calls between front doors that something goes wrong with, of a thousand.</summary>
    public int Hop { get; }

    public int MaxInFlight { get; }

    public int QueueCapacity { get; }

    public int RequestEvery { get; }

    private static int Sometimes(SimRandom random, int most) => random.Chance(400) ? 0 : random.Between(1, most);

    private static int Every(SimRandom random, int low, int high) => random.Chance(400) ? 0 : random.Between(low, high);
}
