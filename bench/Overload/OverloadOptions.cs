namespace Switchboard.Bench.Overload;

/// <summary>What a run measures with.</summary>
internal sealed record OverloadOptions
{
    /// <summary>How many pairs of rounds: one below the capacity, one far above it.</summary>
    public int Pairs { get; init; } = 5;

    /// <summary>How long one round lasts.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the gateway is loaded before the first.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How many requests the agent takes at once.</summary>
    public int InFlight { get; init; } = 50;

    /// <summary>How long it takes for each; zero: it answers at once, and the processors are what is scarce.</summary>
    public TimeSpan Service { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The load far above, as a multiple of the capacity.</summary>
    public int Times { get; init; } = 10;

    /// <summary>How many HTTP/2 connections the callers share.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Further arguments for the gateway.</summary>
    public string[] GatewayArguments { get; init; } = [];
}
