namespace Switchboard.Bench.Load;

/// <summary>What loads one server, round after round, over connections that stay open.</summary>
internal interface ILoad : IAsyncDisposable
{
    /// <summary>Loads the server for a while and waits until every request of it has been answered, and rightly.</summary>
    /// <param name="time">No request begins later than this after the start.</param>
    /// <param name="token">Ends the time at once; what was asked is still waited for.</param>
    /// <exception cref="BenchFailure">An answer was wrong or missing.</exception>
    Task<LoadResult> RunAsync(TimeSpan time, CancellationToken token);
}

/// <summary>Somebody who asks, one request at a time.</summary>
internal interface ICaller : IDisposable
{
    /// <summary>Asks once and judges the answer by its content.</summary>
    /// <exception cref="BenchFailure">The answer was wrong.</exception>
    ValueTask AskAsync();
}

/// <summary>What one round did.</summary>
/// <param name="Requests">Requests answered.</param>
/// <param name="Elapsed">From the first request's start to the last answer's end.</param>
/// <param name="Latency">How long each took, as its caller saw it.</param>
internal sealed record LoadResult(long Requests, TimeSpan Elapsed, LatencyHistogram Latency);
