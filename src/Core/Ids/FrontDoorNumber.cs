namespace Switchboard.Core.Ids;

/// <summary>The numbers of front doors that stand alone.</summary>
public static class FrontDoorNumber
{
    /// <summary>
    /// The number of a start: 1 to 65,535, going round. Two starts that follow one another differ in it, so that a restart in the same
    /// millisecond, or one after the clock was set back, repeats no request id (seeds I4, I5).
    /// </summary>
    /// <param name="start">How many starts this installation has had, this one included.</param>
    public static ushort OfStart(ulong start) => (ushort)(1 + (start % ushort.MaxValue));
}
