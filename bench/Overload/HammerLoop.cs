using Switchboard.Bench.Load;

namespace Switchboard.Bench.Overload;

/// <summary>Callers that ask again at once, whether they were answered or refused: as much load as the machine gives.</summary>
internal static class HammerLoop
{
    public static async Task<LoadRound> RunAsync(Asker asker, int callers, TimeSpan time, CancellationToken token)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var running = Enumerable.Range(0, callers).Select(_ => Task.Run(() => LoopAsync(asker, clock, start, time, token)));
        var loops = await Task.WhenAll(running);
        LatencyHistogram answered = new(), refused = new();
        foreach (var (a, r) in loops)
        {
            answered.Add(a);
            refused.Add(r);
        }

        var all = answered.Count + refused.Count;
        return new LoadRound(all / time.TotalSeconds, answered.Count / time.TotalSeconds, answered, refused, TimeSpan.Zero);
    }

    private static async Task<(LatencyHistogram Answered, LatencyHistogram Refused)> LoopAsync(
        Asker asker, TimeProvider clock, long start, TimeSpan time, CancellationToken token)
    {
        LatencyHistogram answered = new(), refused = new();
        var before = clock.GetTimestamp();
        while (clock.GetElapsedTime(start, before) < time && !token.IsCancellationRequested)
        {
            var was = await asker.AskAsync();
            var after = clock.GetTimestamp();
            (was ? answered : refused).Record(clock.GetElapsedTime(before, after));
            before = after;
        }

        return (answered, refused);
    }
}
