using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Switchboard.Api.Telemetry;

/// <summary>Prometheus' text format: prometheus.io/docs/instrumenting/exposition_formats.</summary>
internal static class PrometheusText
{
    /// <summary>Writes one instrument. One without values still gets its type.</summary>
    public static void Write(StringBuilder text, Instrument instrument, IReadOnlyList<Series> all)
    {
        var kind = instrument is Histogram<double> ? "histogram" : Series.IsGauge(instrument) ? "gauge" : "counter";
        var name = NameOf(instrument, kind);
        text.Append("# HELP ").Append(name).Append(' ').Append(EscapeHelp(instrument.Description ?? "")).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
        foreach (var series in all)
        {
            if (kind == "histogram")
            {
                WriteHistogram(text, name, series);
            }
            else
            {
                Line(text, name, series.Labels, Number(series.Sum));
            }
        }
    }

    /// <summary>Attributes as <c>a="x",b="y"</c>.</summary>
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

        // The same figure for both, though values may come in between: the format wants them equal.
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

    private static string NameOf(Instrument instrument, string kind)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return Name(instrument.Name) + unit + (kind == "counter" ? "_total" : "");
    }

    private static string Name(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        }
    });

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
