using System.Globalization;
using System.Runtime.InteropServices;

namespace Switchboard.Bench.Measure;

/// <summary>What a report shows of a round.</summary>
/// <param name="Name">With its unit.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Of">Its value.</param>
internal sealed record Column<T>(string Name, string Format, Func<T, double> Of);

/// <summary>The table that a run ends with, as docs/performance.md shows it.</summary>
internal static class Report
{
    private static readonly Column<Round>[] _columns =
    [
        new("requests/s", "n0", r => r.PerSecond),
        new("p50 ms", "n2", r => r.P50Ms),
        new("p99 ms", "n2", r => r.P99Ms),
        new("server CPU µs/request", "n1", r => r.CpuMicros),
        new("server bytes/request", "n0", r => r.AllocatedBytes),
        new("server MB resident", "n0", r => r.WorkingSetMb),
        new("load CPU µs/request", "n1", r => r.LoadCpuMicros),
    ];

    /// <summary>Writes medians, and the median of the pairs' ratios with the least and the greatest.</summary>
    /// <param name="title">What was measured.</param>
    /// <param name="subject">What is judged.</param>
    /// <param name="subjects">Its rounds.</param>
    /// <param name="ceiling">What it is judged against.</param>
    /// <param name="ceilings">Its rounds, the n-th of the same pair as the n-th of the other.</param>
    /// <param name="aim">The least ratio of requests a second that is wanted.</param>
    public static void Write(string title, string subject, List<Round> subjects, string ceiling, List<Round> ceilings, double? aim)
    {
        var ratios = Write(title, _columns, subject, subjects, ceiling, ceilings);
        if (aim is not { } least || ratios.Count == 0)
        {
            return;
        }

        var reached = ratios[0] >= least ? "reached" : "not reached";
        Console.WriteLine($"\naim: {Text(least, "n2")} of the requests a second: {reached}");
    }

    /// <summary>The same of any kind of round. Returns the ratios, one a column; none where one side alone was measured.</summary>
    public static List<double> Write<T>(
        string title, IReadOnlyList<Column<T>> columns, string subject, List<T> subjects, string ceiling, List<T> ceilings)
        where T : IRound
    {
        Console.WriteLine($"{title}: {Math.Max(subjects.Count, ceilings.Count)} pairs");
        Console.WriteLine(Facts());
        var arguments = string.Join(' ', Environment.GetCommandLineArgs().Skip(1));
        Console.WriteLine($"command: dotnet run -c Release --project bench/Relay -- {arguments}");
        if (subjects.Concat(ceilings).Select(static r => r.OthersShare).OfType<double>().ToList() is { Count: > 0 } others)
        {
            Console.WriteLine($"other processes took {Median(others).ToString("p0", CultureInfo.InvariantCulture)} of the cores' time");
        }

        Console.WriteLine();
        Row("median of the rounds", columns.Select(c => c.Name));
        Row("---", columns.Select(_ => "---:"));
        if (ceilings.Count > 0)
        {
            Row(ceiling, columns.Select(c => Text(Median(ceilings.Select(c.Of)), c.Format)));
        }

        if (subjects.Count > 0)
        {
            Row(subject, columns.Select(c => Text(Median(subjects.Select(c.Of)), c.Format)));
        }

        if (ceilings.Count == 0 || subjects.Count == 0)
        {
            return [];
        }

        var ratios = columns.Select(c => subjects.Zip(ceilings, (s, b) => Ratio(c.Of(s), c.Of(b))).Order().ToList()).ToList();
        Row($"{subject} / {ceiling}", ratios.Select(r => Text(Median(r), "n3")));
        Row("least to greatest", ratios.Select(r => $"{Text(r[0], "n2")}..{Text(r[^1], "n2")}"));
        return [.. ratios.Select(Median)];
    }

    private static double Ratio(double subject, double ceiling) => subject == ceiling ? 1 : subject / ceiling;

    private static string Facts()
    {
        var collector = System.Runtime.GCSettings.IsServerGC ? "server GC" : "workstation GC";
        return $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, "
            + $"{collector}, {RuntimeInformation.OSArchitecture}";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Row(string first, IEnumerable<string> rest) => Console.WriteLine($"| {first} | {string.Join(" | ", rest)} |");
}
