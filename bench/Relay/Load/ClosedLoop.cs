namespace Switchboard.Bench.Load;

/// <summary>A fixed number of callers that each ask again as soon as they are answered.</summary>
internal static class ClosedLoop
{
    /// <summary>Runs the callers for a while.</summary>
    /// <param name="callers">Who asks.</param>
    /// <param name="time">No request begins later than this after the start.</param>
    /// <param name="failed">Ends the round early, with the failure of somebody who is no caller.</param>
    /// <param name="token">Ends the time at once.</param>
    public static async Task<LoadResult> RunAsync(IReadOnlyList<ICaller> callers, TimeSpan time, Task failed, CancellationToken token)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var loops = callers.Select(caller => Task.Run(() => LoopAsync(caller, clock, start, time, token))).ToList();
        var all = Task.WhenAll(loops);
        try
        {
            // A caller's failure ends the round at once: the others would only wait for the end of the time.
            var first = loops.Select(loop => (Task)loop).Append(failed).ToList();
            while (!all.IsCompleted)
            {
                var ended = await Task.WhenAny(first).WaitAsync(time + BenchOptions.Patience, CancellationToken.None);
                await ended;
                first.Remove(ended);
                if (first.Count == 1)
                {
                    break;
                }
            }
        }
        catch (TimeoutException)
        {
            var missing = loops.Count(l => !l.IsCompleted);
            throw new BenchFailure($"{missing} replies are missing {BenchOptions.Patience.TotalSeconds} s after the round.");
        }

        var latency = new LatencyHistogram();
        foreach (var loop in await all)
        {
            latency.Add(loop);
        }

        return new LoadResult(latency.Count, clock.GetElapsedTime(start), latency);
    }

    private static async Task<LatencyHistogram> LoopAsync(
        ICaller caller, TimeProvider clock, long start, TimeSpan time, CancellationToken token)
    {
        var latency = new LatencyHistogram();
        var before = clock.GetTimestamp();
        while (clock.GetElapsedTime(start, before) < time && !token.IsCancellationRequested)
        {
            await caller.AskAsync();
            var after = clock.GetTimestamp();
            latency.Record(clock.GetElapsedTime(before, after));
            before = after;
        }

        return latency;
    }
}
