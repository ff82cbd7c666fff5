namespace Switchboard.Bench;

/// <summary>What a run measures with. All of it is said again in the report, so that a figure can be repeated.</summary>
internal sealed record BenchOptions
{
    /// <summary>How many pairs of rounds (one round against each server) are measured.</summary>
    public int Pairs { get; init; } = 9;

    /// <summary>How long one round lasts.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long each server is warmed up before the first pair: tiered compilation takes some seconds of load.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How many callers ask at once, each one request at a time. Over HTTP/1.1 each has a connection of its own.</summary>
    public int Callers { get; init; } = 64;

    /// <summary>How many agents answer, each over a connection of its own.</summary>
    public int Agents { get; init; } = 8;

    /// <summary>How many HTTP/2 connections the gRPC callers share.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Length of a request's body.</summary>
    public int BodyBytes { get; init; } = 64;

    /// <summary>How many messages an answer has.</summary>
    public int Messages { get; init; } = 1;

    /// <summary>Do the callers speak REST over HTTP/1.1 instead of gRPC?</summary>
    public bool Rest { get; init; }

    /// <summary>Is the other relay the one on the gRPC framework instead of bare Kestrel?</summary>
    public bool AgainstGrpc { get; init; }

    /// <summary>Measure only this side (<c>gateway</c> or <c>bare</c>), to look at it with a profiler; empty: both.</summary>
    public string Only { get; init; } = "";

    /// <summary>The log level of the side that logs, in the run that compares logging.</summary>
    public string LogLevel { get; init; } = "Information";

    /// <summary>Further arguments for the gateway.</summary>
    public string[] GatewayArguments { get; init; } = [];

    /// <summary>The longest that a round may take beyond its time: a reply that is not there by then is missing.</summary>
    public static TimeSpan Patience => TimeSpan.FromSeconds(20);
}
