using System.CommandLine.Parsing;
using System.Globalization;

namespace Switchboard.Cli.CommandLine;

/// <summary>Parses numbers and durations of the command line.</summary>
internal static class Numbers
{
    private static readonly (string Unit, double Seconds)[] _units = [("ms", 0.001), ("s", 1), ("m", 60), ("", 1)];

    // The resolution of timers.
    private static readonly TimeSpan _min = TimeSpan.FromMilliseconds(1);

    /// <summary>Parses a duration from 1 millisecond to a maximum: a number of seconds, or a number with unit <c>ms</c>, <c>s</c> or
    /// <c>m</c>.</summary>
    public static TimeSpan? Time(ArgumentResult result, TimeSpan max)
    {
        var text = result.Tokens[^1].Value;
        foreach (var (unit, seconds) in _units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * seconds >= _min.TotalSeconds && number * seconds <= max.TotalSeconds)
            {
                return TimeSpan.FromSeconds(number * seconds);
            }
        }

        result.AddError($"'{text}' is not a time such as 30, 500ms, 10s or 2m, from 1ms to {max.TotalMinutes:0}m.");
        return null;
    }

    /// <summary>Parses a count from 0 to 1,000,000.</summary>
    public static int? Count(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000)
        {
            return number;
        }

        result.AddError($"'{text}' is not a number from 0 to 1000000.");
        return null;
    }
}
