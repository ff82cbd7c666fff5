namespace Switchboard.TestSupport.Faults;

/// <summary>Which way bytes go through a proxy.</summary>
internal enum ProxyDirection
{
    ToServer,
    ToClient,
}

/// <summary>What a proxy does to a connection.</summary>
internal enum ProxyFault
{
    /// <summary>This direction waits for <see cref="PlannedFault.Length"/>, once.</summary>
    Delay,

    /// <summary>Both sides read an end (FIN), as of a process that exits.</summary>
    Cut,

    /// <summary>Both sides get RST, as of a firewall that has forgotten the connection.</summary>
    Reset,

    /// <summary>Nothing passes any more, either way, and nothing is closed: half-open.</summary>
    Silence,

    /// <summary>Nothing passes any more in this direction.</summary>
    OneWaySilence,

    /// <summary>The next <see cref="PlannedFault.Bytes"/> bytes of this direction pass in pieces of 1 to 7.</summary>
    Trickle,
}

/// <summary>A fault that comes in one direction when exactly so many bytes have passed that way.</summary>
internal sealed record PlannedFault(ProxyDirection Direction, long AfterBytes, ProxyFault Kind, TimeSpan Length = default, int Bytes = 0);

/// <summary>What one connection will suffer.</summary>
/// <param name="HoldConnect">How long it is kept from the server at most; a later connection that gets through releases it.</param>
/// <param name="Faults">In any order.</param>
internal sealed record ConnectionPlan(TimeSpan HoldConnect, IReadOnlyList<PlannedFault> Faults)
{
    public static ConnectionPlan Calm { get; } = new(TimeSpan.Zero, []);
}

/// <summary>A schedule of faults: the same seed gives the n-th connection the same ones, whatever the others do.</summary>
internal sealed record FaultPlan(int Seed)
{
    /// <summary>How many faults a connection gets at most; at least none.</summary>
    public int MaxFaults { get; init; } = 3;

    /// <summary>They come within so many bytes of its start, rather early than late.</summary>
    public int WithinBytes { get; init; } = 256 * 1024;

    /// <summary>Is each cut or reset once so many bytes have passed one way? Otherwise one that outlives its faults is calm.</summary>
    public bool EveryOneEnds { get; init; }

    /// <summary>The longest delay, and the longest time for which a connect is held.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>What is drawn from; a kind that is named twice comes twice as often.</summary>
    public IReadOnlyList<ProxyFault> Kinds { get; init; } = Enum.GetValues<ProxyFault>();

    /// <summary>One connect in so many is held; 0: none.</summary>
    public int HoldOneIn { get; init; } = 4;

    /// <summary>What the connection of that number suffers; the first is 0.</summary>
    public ConnectionPlan For(int connection)
    {
        // Not HashCode: it differs from process to process.
        var random = new Random(unchecked((Seed * 486_187_739) + connection));
        var hold = HoldOneIn > 0 && random.Next(HoldOneIn) == 0 ? LongestDelay * random.NextDouble() : TimeSpan.Zero;
        var faults = new List<PlannedFault>();
        for (var count = random.Next(MaxFaults + 1); faults.Count < count;)
        {
            // Squared: most faults hit the preface, the first headers, a welcome, rather than the middle of something long.
            var place = random.NextDouble();
            faults.Add(new PlannedFault(
                random.Next(2) == 0 ? ProxyDirection.ToServer : ProxyDirection.ToClient,
                (long)(place * place * WithinBytes),
                Kinds[random.Next(Kinds.Count)],
                LongestDelay * random.NextDouble(),
                1 + random.Next(400)));
        }

        if (EveryOneEnds)
        {
            var last = random.Next(2) == 0 ? ProxyFault.Cut : ProxyFault.Reset;
            faults.Add(new PlannedFault(ProxyDirection.ToServer, WithinBytes, last));
            faults.Add(new PlannedFault(ProxyDirection.ToClient, WithinBytes, last));
        }

        return new ConnectionPlan(hold, faults);
    }
}
