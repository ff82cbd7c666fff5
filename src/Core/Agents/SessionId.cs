using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

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

    /// <summary>
    /// Gets what names the session to everybody but its agent: 12 hex digits of the id's SHA-256. The id itself proves a response, so it
    /// is told to its agent alone, and neither listed nor logged.
    /// </summary>
    public string Fingerprint
    {
        get
        {
            Span<byte> id = stackalloc byte[sizeof(ulong)];
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            BinaryPrimitives.WriteUInt64BigEndian(id, Value);
            SHA256.HashData(id, hash);
            return Convert.ToHexStringLower(hash[..6]);
        }
    }

    /// <summary>Returns the <see cref="Fingerprint"/>, so that an id which is logged by mistake proves nothing.</summary>
    public override string ToString() => Fingerprint;
}
