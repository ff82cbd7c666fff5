using System.Reflection;
using Switchboard.Simulation.Model;

namespace Switchboard.Simulation;

/// <summary>How the run of one seed ended.</summary>
internal sealed record RunResult
{
    public required ulong Seed { get; init; }

    /// <summary>Null: everything held.</summary>
    public string? Broken { get; init; }

    /// <summary>Which invariant is broken.</summary>
    public string Invariant { get; init; } = "";

    public required ulong Fingerprint { get; init; }

    public required int Events { get; init; }

    public required IReadOnlyList<string> Trace { get; init; }

    public required IReadOnlyDictionary<string, int> Ends { get; init; }
}

/// <summary>Plays one seed.</summary>
internal static class Run
{
    private const int TraceTail = 60;

    /// <summary>The commit that was built, as the SDK writes it into the assembly; of a tree that is changed, the one below it.</summary>
    public static string Commit { get; } =
        typeof(Run).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[^1] ?? "unknown";

    public static RunResult Play(ulong seed, bool traced)
    {
        var cluster = new Cluster(seed, traced);
        Exception? broken = null;
        try
        {
            cluster.Run();
        }
        catch (Exception e)
        {
            broken = e;
        }
        return new RunResult
        {
            Seed = seed,
            Broken = broken is null or InvariantBrokenException ? broken?.Message : broken.ToString(),
            Invariant = broken is InvariantBrokenException known ? known.Invariant : broken is null ? "" : "no exception",
            Fingerprint = cluster.World.Fingerprint,
            Events = cluster.World.Events,
            Trace = cluster.World.Trace,
            Ends = cluster.Ends,
        };
    }

    /// <summary>What somebody needs who has to find out: the seed once more, with its trace.</summary>
    public static string Explain(RunResult failed) => string.Join('\n',
    [
        $"seed {failed.Seed}, commit {Commit}: {failed.Broken}",
        .. Play(failed.Seed, traced: true).Trace.TakeLast(TraceTail),
        $"again: dotnet run --project tests/Simulation -- --seed {failed.Seed}",
    ]);
}
