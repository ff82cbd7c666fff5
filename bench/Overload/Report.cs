using System.Globalization;
using System.Runtime.InteropServices;

namespace Switchboard.Bench.Overload;

/// <summary>The tables that a run ends with, as docs/performance.md shows them.</summary>
internal static class Report
{
    private const double LeastAdmitted = 0.9;
    private const double MostP99 = 2;

    private static readonly (string Name, string Format, Func<Figures, double> Of)[] _columns =
    [
        ("offered/s", "n0", r => r.Load.Offered),
        ("admitted/s", "n0", r => r.Load.Admitted),
        ("p50 ms", "n1", r => r.Load.Latency.Percentile(0.5).TotalMilliseconds),
        ("p99 ms", "n1", P99),
        ("refusals' p99 ms", "n1", r => r.Load.RefusalLatency.Percentile(0.99).TotalMilliseconds),
        ("server's cores", "n2", r => r.ServerCores),
        ("server CPU µs/request", "n1", r => r.ServerCores * 1e6 / r.Load.Offered),
        ("server MB resident", "n0", r => r.WorkingSetMb),
        ("generator late by, ms", "n0", r => r.Load.Late.TotalMilliseconds),
    ];

    /// <summary>Writes medians of the rounds, and the ratios that are judged.</summary>
    /// <param name="title">What was measured.</param>
    /// <param name="below">What the load is that fits.</param>
    /// <param name="above">What the load is that does not.</param>
    /// <param name="capacity">What fits, in requests a second; null: what each pair's first round did.</param>
    /// <param name="pairs">The rounds.</param>
    public static void Write(string title, string below, string above, double? capacity, List<(Figures Below, Figures Above)> pairs)
    {
        var others = Median(pairs.SelectMany(p => new[] { p.Below.OthersShare, p.Above.OthersShare }));
        Console.WriteLine($"{title}; {pairs.Count} pairs");
        Console.WriteLine(Facts());
        var arguments = string.Join(' ', Environment.GetCommandLineArgs().Skip(1));
        Console.WriteLine($"command: dotnet run -c Release --project bench/Overload -- {arguments}");
        if (capacity is { } known)
        {
            Console.WriteLine(Text($"capacity: {known:n0} requests/s"));
        }

        Console.WriteLine(Text($"other processes took {others:p0} of the cores' time"));
        Console.WriteLine();
        Row("median of the rounds", _columns.Select(c => c.Name));
        Row("---", _columns.Select(_ => "---:"));
        Row(below, _columns.Select(c => Number(Median(pairs.Select(p => c.Of(p.Below))), c.Format)));
        Row(above, _columns.Select(c => Number(Median(pairs.Select(p => c.Of(p.Above))), c.Format)));
        Console.WriteLine();
        var admitted = pairs.Select(p => p.Above.Load.Admitted / (capacity ?? p.Below.Load.Admitted)).Order().ToList();
        var slower = pairs.Select(p => P99(p.Above) / P99(p.Below)).Order().ToList();
        Aim("admitted, of the capacity", admitted, Median(admitted) >= LeastAdmitted, "at least 0.90");
        Aim("p99 above / p99 below", slower, Median(slower) <= MostP99, "at most 2.00");
        var resident = string.Join(", ", pairs.Select(p => Number(p.Above.WorkingSetMb, "n0")));
        Console.WriteLine($"resident MB after each round above: {resident}");
    }

    private static void Aim(string what, List<double> values, bool reached, string aim) => Console.WriteLine(
        Text($"{what}: {Median(values):n2} ({values[0]:n2}..{values[^1]:n2}); aim {aim}: {(reached ? "reached" : "not reached")}"));

    private static double P99(Figures round) => round.Load.Latency.Percentile(0.99).TotalMilliseconds;

    private static string Facts()
    {
        return $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, "
            + $"{RuntimeInformation.OSArchitecture}";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private static void Row(string first, IEnumerable<string> rest) => Console.WriteLine($"| {first} | {string.Join(" | ", rest)} |");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
