using System.Buffers;
using System.Globalization;
using System.Text;

namespace Switchboard.Core.Echo;

/// <summary>Implements Go's <c>strconv.Quote</c>, which is what <c>%q</c> prints of a string.</summary>
/// <remarks>
/// Printable is <c>unicode.IsPrint</c>: letters, marks, numbers, punctuation, symbols and the ASCII space. A lone surrogate, which UTF-8
/// cannot encode, is written as the three bytes of its encoding, as Go does with bytes that are not UTF-8.
/// </remarks>
public static class GoQuote
{
    private static readonly SearchValues<char> _plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    /// <summary>Returns the text in double quotes, with Go's escapes.</summary>
    public static string Quote(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        var plain = s.AsSpan().IndexOfAnyExcept(_plain);
        if (plain < 0)
        {
            return string.Concat("\"", s, "\"");
        }

        var quoted = new StringBuilder(s.Length + 16).Append('"');
        var unwritten = 0;
        for (var at = plain; at < s.Length;)
        {
            var valid = Rune.DecodeFromUtf16(s.AsSpan(at), out var rune, out var length) == OperationStatus.Done;
            if (!valid || rune.Value is '"' or '\\' || !IsPrint(rune))
            {
                quoted.Append(s, unwritten, at - unwritten);
                if (valid)
                {
                    AppendEscaped(quoted, rune.Value);
                }
                else
                {
                    AppendLoneSurrogate(quoted, s[at]);
                }

                unwritten = at + length;
            }
            at += length;
        }
        return quoted.Append(s, unwritten, s.Length - unwritten).Append('"').ToString();
    }

    private static bool IsPrint(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is >= ' ' and <= '~';
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator => false,
            _ => true,
        };
    }

    private static void AppendEscaped(StringBuilder quoted, int value)
    {
        var known = value switch
        {
            '"' => "\\\"",
            '\\' => @"\\",
            '\a' => @"\a",
            '\b' => @"\b",
            '\f' => @"\f",
            '\n' => @"\n",
            '\r' => @"\r",
            '\t' => @"\t",
            '\v' => @"\v",
            _ => null,
        };
        var none = CultureInfo.InvariantCulture;
        if (known is not null)
        {
            quoted.Append(known);
        }
        else if (value < 0x80)
        {
            quoted.Append(none, $"\\x{value:x2}");
        }
        else if (value < 0x10000)
        {
            quoted.Append(none, $"\\u{value:x4}");
        }
        else
        {
            quoted.Append(none, $"\\U{value:x8}");
        }
    }

    private static void AppendLoneSurrogate(StringBuilder quoted, char half) => quoted.Append(
        CultureInfo.InvariantCulture,
        $"\\x{0xe0 | (half >> 12):x2}\\x{0x80 | ((half >> 6) & 0x3f):x2}\\x{0x80 | (half & 0x3f):x2}");
}
