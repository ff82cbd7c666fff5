namespace Switchboard.Core.Ids;

/// <summary>Computes the numbers of front doors that stand alone.</summary>
public static class FrontDoorNumber
{
    /// <summary>
    /// Returns the number of a start: 1 to 65,535, wrapping around. Two consecutive starts have different numbers, so that a restart in the
    /// same millisecond, or one after the clock was set back, repeats no request id (seeds I4, I5).
    /// </summary>
    /// <param name="start">The number of starts of this installation, this one included.</param>
    public static ushort OfStart(ulong start) => (ushort)(1 + (start % ushort.MaxValue));
}
