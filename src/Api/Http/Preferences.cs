using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Switchboard.Api.Http;

/// <summary>What a caller prefers (RFC 7240). What is not known here is ignored, as the RFC has it.</summary>
/// <param name="RespondAsync"><c>respond-async</c>: 202 at once, the answer is kept.</param>
/// <param name="Wait"><c>wait=n</c>: how long the caller waits.</param>
internal readonly record struct Preferences(bool RespondAsync, TimeSpan? Wait)
{
    /// <summary>Reads the header. False: <c>wait</c> is no whole number of seconds; a deadline must not be dropped in silence.</summary>
    public static bool TryParse(StringValues prefer, out Preferences preferences)
    {
        preferences = default;
        foreach (var line in prefer)
        {
            foreach (var preference in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                // A preference may have parameters of its own after a semicolon; none is known.
                var (name, value) = Split(preference.Split(';', 2)[0]);
                if (name.Equals("respond-async", StringComparison.OrdinalIgnoreCase))
                {
                    preferences = preferences with { RespondAsync = true };
                }
                else if (name.Equals("wait", StringComparison.OrdinalIgnoreCase) && preferences.Wait is null)
                {
                    // The first of two counts (section 2 of the RFC).
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                    {
                        return false;
                    }

                    preferences = preferences with { Wait = TimeSpan.FromSeconds(seconds) };
                }
            }
        }

        return true;
    }

    private static (string Name, string Value) Split(string preference)
    {
        var equals = preference.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (preference.Trim(), "") : (preference[..equals].Trim(), preference[(equals + 1)..].Trim().Trim('"'));
    }
}
