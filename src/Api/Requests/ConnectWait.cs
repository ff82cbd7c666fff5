using System.Globalization;

namespace Switchboard.Api.Requests;

/// <summary>
/// Parses <c>connect-wait</c>: how long a caller waits for an agent that is offline, in whole seconds as <c>Prefer: wait</c> is.
/// </summary>
internal static class ConnectWait
{
    /// <summary>The parameter's name over REST, and the metadata's over gRPC.</summary>
    public const string Name = "connect-wait";

    /// <summary>The maximum, in seconds.</summary>
    public const int MaxSeconds = 60;

    /// <summary>Parses a value. Null or empty is zero: the caller does not wait. False: it is out of range, or no number.</summary>
    public static bool TryParse(string? text, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > MaxSeconds)
        {
            return false;
        }

        wait = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>The error message of an invalid value.</summary>
    public static string Problem { get; } = $"{Name} must be a whole number of seconds from 0 to {MaxSeconds}";
}
