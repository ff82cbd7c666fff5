using System.Globalization;

namespace Switchboard.TestSupport;

/// <summary>Reads <c>/metrics</c>, as an operator does.</summary>
internal static class Metrics
{
    /// <summary>Returns the value of one series.</summary>
    /// <param name="rest">The gateway.</param>
    /// <param name="series">Its name as it is shown, with its labels.</param>
    /// <param name="absent">What is returned where it is not there; null: it has to be.</param>
    public static async Task<double> MetricAsync(this HttpClient rest, string series, double? absent = null)
    {
        var text = await rest.GetStringAsync(new Uri("/metrics", UriKind.Relative)).DefaultTimeout();
        var line = text.Split('\n').SingleOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        Assert.True(line is not null || absent is not null, $"There is no {series}.");
        return line is null ? absent!.Value : double.Parse(line.AsSpan(series.Length + 1), CultureInfo.InvariantCulture);
    }
}
