using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Switchboard.Core.Agents;

/// <summary>Identifies one live subscription of an agent: 64 random bits, which are compared for equality only.</summary>
/// <param name="Value">The bits, as in the protocol's <c>fixed64 session_id</c>.</param>
public readonly record struct SessionId(ulong Value)
{
    /// <summary>Returns whether a client's text names this session.</summary>
    /// <param name="text">
    /// The value of the metadata <c>session-id</c>: decimal, signed decimal (which languages without unsigned integers print of a fixed64)
    /// or 16 hex digits. Sixteen decimal digits can be read either way, and either way counts.
    /// </param>
    public bool Matches(string text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var none = CultureInfo.InvariantCulture;
        return (text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, none, out var hex) && hex == Value)
            || (ulong.TryParse(text, NumberStyles.None, none, out var number) && number == Value)
            || (text[0] == '-' && long.TryParse(text, NumberStyles.AllowLeadingSign, none, out var signed) && (ulong)signed == Value);
    }

    /// <summary>
    /// Gets the public name of the session: 12 hex digits of the id's SHA-256. The id itself authorizes a response, so it is sent to its
    /// agent only, and neither listed nor logged.
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

    /// <summary>Returns the <see cref="Fingerprint"/>, so that an id which is logged by mistake authorizes nothing.</summary>
    public override string ToString() => Fingerprint;
}
