using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Switchboard.Api.Rest;

/// <summary>Holds a caller's preferences (RFC 7240). Unknown ones are ignored, as the RFC requires.</summary>
/// <param name="RespondAsync"><c>respond-async</c>: 202 at once, the response is kept.</param>
/// <param name="Wait"><c>wait=n</c>: the time that the caller waits.</param>
internal readonly record struct Preferences(bool RespondAsync, TimeSpan? Wait)
{
    /// <summary>
    /// Parses the header. False: a quoted value has no end, or <c>wait</c> is no whole number of seconds; a deadline must not be dropped
    /// silently.
    /// </summary>
    public static bool TryParse(StringValues prefer, out Preferences preferences)
    {
        preferences = default;
        foreach (var line in prefer)
        {
            var rest = line.AsSpan();
            while (!rest.IsEmpty)
            {
                if (!TryTake(ref rest, ',', out var preference))
                {
                    return false;
                }

                // A preference may have parameters of its own after a semicolon; none is known.
                TryTake(ref preference, ';', out var pair);
                if (!TryRead(pair, ref preferences))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool TryRead(ReadOnlySpan<char> pair, ref Preferences preferences)
    {
        var equals = pair.IndexOf('=');
        var name = (equals < 0 ? pair : pair[..equals]).Trim();
        if (name.Equals("respond-async", StringComparison.OrdinalIgnoreCase))
        {
            preferences = preferences with { RespondAsync = true };
        }
        else if (name.Equals("wait", StringComparison.OrdinalIgnoreCase) && preferences.Wait is null)
        {
            // The first of two counts (section 2 of the RFC).
            var value = equals < 0 ? [] : pair[(equals + 1)..].Trim().Trim('"');
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return false;
            }

            preferences = preferences with { Wait = TimeSpan.FromSeconds(seconds) };
        }

        return true;
    }

    // Takes the text before the next separator that is not inside of a quoted string (RFC 9110, 5.6.4).
    private static bool TryTake(ref ReadOnlySpan<char> text, char separator, out ReadOnlySpan<char> taken)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && text[i] == separator)
            {
                taken = text[..i];
                text = text[(i + 1)..];
                return true;
            }
        }

        taken = text;
        text = default;
        return !quoted;
    }
}
