using System.Globalization;
using System.Reflection;

namespace Switchboard.Bench.StandIns;

/// <summary>What one round brought. Per call, of the whole process: caller and callee.</summary>
internal sealed record Round(double PerSecond, double CpuMicros, double Bytes, double CpuSeconds)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:r} {CpuMicros:r} {Bytes:r} {CpuSeconds:r}");

    public static Round Parse(string text) =>
        text.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray() is [var rate, var cpu, var bytes, var seconds]
            ? new Round(rate, cpu, bytes, seconds)
            : throw new FormatException(text);
}

/// <summary>
/// The process that calls, of one set of packages: says which, then measures what each line of its input asks for ("grain 3000": so many
/// milliseconds of grain calls) and answers with a line. Ends with its input, so that it never outlives whoever started it.
/// </summary>
internal static class Worker
{
    public const int Callers = 64;

    public static async Task RunAsync(TextReader asked, TextWriter answers)
    {
        await answers.WriteLineAsync(typeof(Worker).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(a => a.Key == "SwitchboardPackages").Value);
        await using var grains = await GrainCalls.StartAsync();
        await using var grpc = await GrpcCalls.StartAsync();
        while (await asked.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var time = TimeSpan.FromMilliseconds(int.Parse(words[1], CultureInfo.InvariantCulture));
            await answers.WriteLineAsync((await MeasureAsync(words[0] == "grain" ? grains : grpc, time)).ToString());
        }
    }

    private static async Task<Round> MeasureAsync(ICalls target, TimeSpan time)
    {
        var clock = TimeProvider.System;
        var cpu = Environment.CpuUsage.TotalTime;
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = clock.GetTimestamp();
        var calls = (await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var made = 0L;
            for (; clock.GetElapsedTime(start) < time; made++) await target.CallAsync((made * Callers) + caller);
            return made;
        })))).Sum();
        var elapsed = clock.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new Round(calls / elapsed.TotalSeconds, cpu.TotalMicroseconds / calls, (double)bytes / calls, cpu.TotalSeconds);
    }
}
