using System.Globalization;
using System.Text;

namespace Switchboard.Api.Telemetry;

/// <summary>Writes Prometheus' text format: prometheus.io/docs/instrumenting/exposition_formats.</summary>
internal static class PrometheusText
{
    /// <summary>Writes one metric; nothing while it has no value.</summary>
    public static void Write(StringBuilder text, MetricFamily family)
    {
        var all = family.Series;
        if (all.Count == 0)
        {
            return;
        }

        var (name, kind) = (family.Shape.Name, family.Shape.Kind);
        text.Append("# HELP ").Append(name).Append(' ').Append(EscapeHelp(family.Shape.Help)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(KindOf(kind)).Append('\n');
        foreach (var series in all)
        {
            if (kind == MetricKind.Histogram)
            {
                WriteHistogram(text, name, series);
            }
            else
            {
                Line(text, name, series.Labels, Number(series.Sum));
            }
        }
    }

    /// <summary>Returns a name as Prometheus allows it: what is neither letter nor digit becomes an underscore.</summary>
    public static string Name(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        }
    });

    /// <summary>Returns attributes as <c>a="x",b="y"</c>.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(Name(key)).Append("=\"")
                .Append(EscapeValue(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }

        return text.ToString();
    }

    private static void WriteHistogram(StringBuilder text, string name, Series series)
    {
        var prefix = series.Labels.Length > 0 ? series.Labels + "," : "";
        for (var i = 0; i < series.Bounds.Count; i++)
        {
            Line(text, name + "_bucket", $"{prefix}le=\"{Number(series.Bounds[i])}\"", Whole(series.BucketUpTo(i)));
        }

        // The same number for both, though values may arrive in between: the format requires them to be equal.
        var count = series.BucketUpTo(series.Bounds.Count);
        Line(text, name + "_bucket", $"{prefix}le=\"+Inf\"", Whole(count));
        Line(text, name + "_sum", series.Labels, Number(series.Sum));
        Line(text, name + "_count", series.Labels, Whole(count));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string KindOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string EscapeHelp(string text)
        => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeValue(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
