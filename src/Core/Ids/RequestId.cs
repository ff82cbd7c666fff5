using System.Globalization;

namespace Switchboard.Core.Ids;

/// <summary>Identifies a request: front-door number (16 bits), then a suffix (48 bits). Formatted as 16 hex digits.</summary>
/// <param name="Value">The 64 bits. Never written to JSON as a number: JavaScript has 53 bits.</param>
public readonly record struct RequestId(ulong Value)
{
    /// <summary>The front-door number that no front door gets: it marks a durable request.</summary>
    public const ushort DurableFrontDoor = 0;

    /// <summary>The number of bits after the front-door number.</summary>
    public const int SuffixBits = 48;

    internal const ulong SuffixMask = (1UL << SuffixBits) - 1;
    private const int Digits = 16;

    /// <summary>The front door that made the id and holds the request, or <see cref="DurableFrontDoor"/>.</summary>
    public ushort FrontDoor => (ushort)(Value >> SuffixBits);

    /// <summary>Whether a grain keeps the request, instead of a front door.</summary>
    public bool IsDurable => FrontDoor == DurableFrontDoor;

    /// <summary>Parses 16 hex digits of either case; false for any other text.</summary>
    public static bool TryParse(string? text, out RequestId id)
    {
        var read = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            && text!.Length == Digits;
        id = read ? new RequestId(value) : default;
        return read;
    }

    /// <summary>Creates the id of a durable request.</summary>
    /// <param name="random48">48 random bits, which must be neither guessable nor repeated.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 48 bits: cutting them would make two ids equal.</exception>
    public static RequestId Durable(ulong random48)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(random48, SuffixMask);
        return new RequestId(random48);
    }

    /// <summary>Returns 16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
