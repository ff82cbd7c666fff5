namespace Switchboard.Simulation;

/// <summary>
/// Carries calls: each takes its own time, so that they overtake one another; some are lost, and some of those that may be repeated
/// arrive twice.
/// </summary>
internal sealed class Network(World world, Faults faults)
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(5);

    /// <summary>From here on nothing is lost and nothing takes long.</summary>
    public bool Calm { get; set; }

    public TimeSpan Delay() => world.Random.Ms(0, Calm ? 2 : faults.LongestDelay);

    public bool IsLost() => !Calm && world.Random.Chance(faults.Loss);

    /// <summary>Sends something that nobody replies to.</summary>
    public void Send(Action arrives)
    {
        if (!IsLost())
        {
            world.After(Delay(), arrives);
        }
    }

    /// <summary>A call and its reply. Exactly one of the last two happens.</summary>
    /// <param name="turn">Does it at the other side and is given what replies.</param>
    /// <param name="mayDouble">Is it one that the other side may get twice?</param>
    /// <param name="replied">The first reply.</param>
    /// <param name="failed">No reply came in time.</param>
    public void Call<T>(Action<Action<T>> turn, bool mayDouble, Action<T> replied, Action failed)
    {
        var over = false;
        void Reply(T result) => Send(() =>
        {
            if (over)
            {
                return;
            }

            over = true;
            replied(result);
        });
        Send(() => turn(Reply));
        if (mayDouble && !Calm && world.Random.Chance(faults.Doubling))
        {
            Send(() => turn(Reply));
        }

        world.After(_callLimit, () =>
        {
            if (over)
            {
                return;
            }

            over = true;
            failed();
        });
    }
}
