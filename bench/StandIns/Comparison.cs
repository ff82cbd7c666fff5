using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Switchboard.Bench.Measure;

namespace Switchboard.Bench.StandIns;

/// <summary>Rounds of two programs in pairs, A B, then B A: what drifts on the machine is in both halves of a pair.</summary>
internal static class Comparison
{
    private const int RoundMs = 3000;
    private const int WarmUpMs = 8000;

    private static readonly (string Name, string Format, Func<Round, double> Of)[] _columns =
    [
        ("calls/s", "n0", r => r.PerSecond), ("CPU µs/call", "n2", r => r.CpuMicros), ("bytes/call", "n0", r => r.Bytes),
    ];

    public static async Task RunAsync(int pairs, string[] programs)
    {
        List<Side> sides = [];
        try
        {
            foreach (var program in programs) sides.Add(await Side.StartAsync(program));
            Console.WriteLine($"{Worker.Callers} callers, {pairs} pairs of {RoundMs / 1000} s, {Environment.ProcessorCount} cores, "
                + $"{RuntimeInformation.FrameworkDescription}, workstation GC, {RuntimeInformation.OSArchitecture}");
            if (sides.Count == 1) Console.WriteLine($"{sides[0].Packages} alone: there is no build of the other packages to compare it with");
            await MeasureAsync("grain", "grain calls, 8 grains, in one silo", pairs, sides);
            await MeasureAsync("grpc", "gRPC unary calls, 64-byte bodies, 8 connections", pairs, sides);
        }
        finally
        {
            foreach (var side in sides) side.Dispose();
        }
    }

    private static async Task MeasureAsync(string what, string title, int pairs, List<Side> sides)
    {
        foreach (var side in sides)
        {
            await side.AskAsync(what, WarmUpMs);
            side.Rounds.Clear();
        }

        var start = TimeProvider.System.GetTimestamp();
        var before = Machine.BusyTime();
        for (var pair = 0; pair < pairs; pair++)
        {
            foreach (var side in pair % 2 == 0 ? sides : Enumerable.Reverse(sides)) await side.AskAsync(what, RoundMs);
        }

        var busy = (Machine.BusyTime() - before)?.TotalSeconds - sides.Sum(s => s.Rounds.Sum(r => r.CpuSeconds));
        var others = busy / (TimeProvider.System.GetElapsedTime(start).TotalSeconds * Environment.ProcessorCount);
        Console.WriteLine($"\n{title}; other processes took {Text(others ?? double.NaN, "p0")} of the cores' time\n");
        Row("median of the rounds", _columns.Select(c => c.Name));
        Row("---", _columns.Select(_ => "---:"));
        foreach (var side in sides) Row(side.Packages, _columns.Select(c => Text(Median(side.Rounds.Select(c.Of)), c.Format)));
        if (sides.Count == 1) return;
        var ratios = _columns.Select(c => sides[0].Rounds.Zip(sides[1].Rounds, (a, b) => c.Of(a) / c.Of(b)).Order().ToList()).ToList();
        Row($"{sides[0].Packages} / {sides[1].Packages}", ratios.Select(r => Text(Median(r), "n2")));
        Row("least to greatest", ratios.Select(r => $"{Text(r[0], "n2")}..{Text(r[^1], "n2")}"));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Row(string first, IEnumerable<string> rest) => Console.WriteLine($"| {first} | {string.Join(" | ", rest)} |");

    /// <summary>A worker that has been started.</summary>
    private sealed class Side : IDisposable
    {
        private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
        private readonly Process _process;

        private Side(Process process, string packages) => (_process, Packages) = (process, packages);

        public string Packages { get; }
        public List<Round> Rounds { get; } = [];

        public static async Task<Side> StartAsync(string program)
        {
            var process = Process.Start(new ProcessStartInfo("dotnet", [program, "worker"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            return new Side(process, await ReadAsync(process));
        }

        public async Task AskAsync(string what, int milliseconds)
        {
            await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what} {milliseconds}"));
            await _process.StandardInput.FlushAsync();
            Rounds.Add(Round.Parse(await ReadAsync(_process)));
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(_patience)) _process.Kill();
            _process.Dispose();
        }

        private static async Task<string> ReadAsync(Process process) =>
            await process.StandardOutput.ReadLineAsync().WaitAsync(_patience, TimeProvider.System)
            ?? throw new UnreachableException("A worker has ended; its own words are above.");
    }
}
