using System.Globalization;

namespace Switchboard.Core.Ids;

/// <summary>A request's id: front-door number (16 bits), then a suffix (48 bits). Shown as 16 hex digits.</summary>
/// <param name="Value">The 64 bits. Never put into JSON as a number: JavaScript has 53 of them.</param>
public readonly record struct RequestId(ulong Value)
{
    /// <summary>The front-door number that no front door gets: it marks a durable request.</summary>
    public const ushort DurableFrontDoor = 0;

    /// <summary>How many bits follow the front-door number.</summary>
    public const int SuffixBits = 48;

    internal const ulong SuffixMask = (1UL << SuffixBits) - 1;
    private const int Digits = 16;

    /// <summary>The front door that made the id and holds the request, or <see cref="DurableFrontDoor"/>.</summary>
    public ushort FrontDoor => (ushort)(Value >> SuffixBits);

    /// <summary>The request is kept by a grain of its own instead of a front door.</summary>
    public bool IsDurable => FrontDoor == DurableFrontDoor;

    /// <summary>Reads 16 hex digits of either case; anything else is false.</summary>
    public static bool TryParse(string? text, out RequestId id)
    {
        bool read = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            && text!.Length == Digits;
        id = read ? new RequestId(value) : default;
        return read;
    }

    /// <summary>The id of a durable request.</summary>
    /// <param name="random48">48 bits that nobody can guess or meet twice; the caller draws them.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 48 bits: cutting them would make two ids one.</exception>
    public static RequestId Durable(ulong random48)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(random48, SuffixMask);
        return new RequestId(random48);
    }

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
