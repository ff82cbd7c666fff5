using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Bench.StorageWrites;

/// <summary>
/// Measures how many durable requests a second are accepted, each on the disk before its caller goes on, beside what the same disk confirms a
/// second of 4 KiB written one after the other in the same minute.
/// </summary>
internal static class RequestWrites
{
    private const int PayloadBytes = 256;

    // Below the limit of open requests of one agent.
    private const int PerAgent = 5_000;

    private static readonly TimeProvider _time = TimeProvider.System;
    private static long _ids;

    public static async Task RunAsync(WebApplication app, string folder, TimeSpan round, Func<long> commits)
    {
        var log = app.Services.GetRequiredService<IRequestLog>();
        await AcceptAsync(log, 64, TimeSpan.FromSeconds(1));
        Console.WriteLine($"{"in flight",-10}{"requests/s",12}{"p50 ms",10}{"p99 ms",10}{"max ms",10}{"a commit",12}{"syncs/s",10}{"ratio",8}");
        foreach (var inFlight in new[] { 1, 64, 256, 256, 64, 1 })
        {
            var syncs = SyncsPerSecond(folder, TimeSpan.FromSeconds(2));
            var before = commits();
            var times = await AcceptAsync(log, inFlight, round);
            var shared = times.Count / (double)(commits() - before);
            syncs = (syncs + SyncsPerSecond(folder, TimeSpan.FromSeconds(2))) / 2;
            times.Sort();
            var rate = times.Count / round.TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{inFlight,-10}{rate,12:N0}{times[times.Count / 2],10:N2}{times[times.Count * 99 / 100],10:N2}{times[^1],10:N2}{shared,12:N1}{syncs,10:N0}{rate / syncs,8:N1}"));
        }
    }

    private static async Task<List<double>> AcceptAsync(IRequestLog log, int inFlight, TimeSpan length)
    {
        var began = _time.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            List<double> times = [];
            while (_time.GetElapsedTime(began) < length)
            {
                var id = Interlocked.Increment(ref _ids);
                var start = _time.GetTimestamp();
                var reply = await log.AcceptAsync(New(id), CancellationToken.None);
                times.Add(_time.GetElapsedTime(start).TotalMilliseconds);
                if (reply.Result != AcceptResult.Accepted)
                {
                    throw new InvalidOperationException($"A request was not accepted: {reply}");
                }
            }

            return times;
        })));
        return [.. all.SelectMany(static t => t)];
    }

    private static NewRequest New(long id) => new()
    {
        // Spread over all ids, as drawn ones are; the factor is odd, so that none comes twice.
        Id = unchecked((ulong)id * 0x9E37_79B9_7F4A_7C15),
        AgentKey = $"default/agent-{id / PerAgent}",
        Method = "measure",
        AcceptedAt = _time.GetUtcNow(),
        TimeToLive = TimeSpan.FromHours(1),
        FirstMessage = TimeSpan.FromSeconds(30),
        RequestBytes = PayloadBytes,
        Payload = new byte[PayloadBytes],
    };

    private static double SyncsPerSecond(string folder, TimeSpan length)
    {
        var path = Path.Combine(folder, "syncs");
        var page = new byte[4096];
        var count = 0;
        var began = _time.GetTimestamp();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (; _time.GetElapsedTime(began) < length; count++)
            {
                file.Write(page);
                file.Flush(flushToDisk: true);
            }
        }

        var rate = count / _time.GetElapsedTime(began).TotalSeconds;
        File.Delete(path);
        return rate;
    }
}
