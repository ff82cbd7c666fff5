using System.Globalization;

namespace Switchboard.Core.Agents;

/// <summary>Names one live subscription of an agent: 64 random bits, equal or not equal, never compared otherwise.</summary>
/// <param name="Value">The bits, as in the protocol's <c>fixed64 session_id</c>.</param>
public readonly record struct SessionId(ulong Value)
{
    /// <summary>Whether a client that wrote <paramref name="text"/> meant this session.</summary>
    /// <param name="text">
    /// What the metadata <c>session-id</c> held: decimal, signed decimal (languages without unsigned integers print a
    /// fixed64 so) or 16 hex digits. Sixteen decimal digits can be read either way, and either way counts.
    /// </param>
    public bool Matches(string text)
    {
        if (string.IsNullOrEmpty(text))
            return false;
        var none = CultureInfo.InvariantCulture;
        return (text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, none, out ulong hex) && hex == Value)
            || (ulong.TryParse(text, NumberStyles.None, none, out ulong number) && number == Value)
            || (text[0] == '-' && long.TryParse(text, NumberStyles.AllowLeadingSign, none, out long signed) && (ulong)signed == Value);
    }

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
