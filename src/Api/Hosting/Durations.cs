using System.Globalization;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Parses times of settings and of query strings: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c>, or <c>hh:mm:ss</c>.
/// </summary>
internal static class Durations
{
    private static readonly CultureInfo _invariant = CultureInfo.InvariantCulture;
    private static readonly (string Unit, double Seconds)[] _units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>Parses one time. A bare number is refused, because its unit is ambiguous.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        foreach (var (unit, seconds) in _units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, _invariant, out var n)
                && n * seconds <= TimeSpan.MaxValue.TotalSeconds / 2)
            {
                duration = TimeSpan.FromSeconds(n * seconds);
                return true;
            }
        }

        return false;
    }

    /// <summary>Parses as <see cref="TryParse"/> does, and a bare whole number as seconds, as everywhere in HTTP.</summary>
    public static bool TryParseSeconds(string text, out TimeSpan duration)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TryParse($"{seconds}s", out duration)
            : TryParse(text, out duration);
}
