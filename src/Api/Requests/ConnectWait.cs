using System.Globalization;

namespace Switchboard.Api.Requests;

/// <summary>Reads <c>connect-wait</c>: how long a caller waits for an agent that is away, in whole seconds as <c>Prefer: wait</c> is.</summary>
internal static class ConnectWait
{
    /// <summary>The parameter's name over REST, and the metadata's over gRPC.</summary>
    public const string Name = "connect-wait";

    /// <summary>The longest, in seconds (DESIGN.md, section 5).</summary>
    public const int MaxSeconds = 60;

    /// <summary>Reads it. Null or empty is zero: the caller does not wait. False: it is something else than is allowed.</summary>
    public static bool TryParse(string? text, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text))
            return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) || seconds > MaxSeconds)
            return false;
        wait = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>What is wrong, for whoever wrote it.</summary>
    public static string Problem { get; } = $"{Name} must be a whole number of seconds from 0 to {MaxSeconds}";
}
