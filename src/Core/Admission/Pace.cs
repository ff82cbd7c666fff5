namespace Switchboard.Core.Admission;

/// <summary>Defines how fast an incoming message must arrive once it has begun.</summary>
/// <param name="Most">The longest time that it may take as a whole.</param>
/// <param name="Grace">The time at its beginning during which the rate does not count.</param>
/// <param name="BytesPerSecond">The minimum average rate, in bytes a second; 0: none.</param>
public readonly record struct Pace(TimeSpan Most, TimeSpan Grace, int BytesPerSecond)
{
    /// <summary>Returns the time after its beginning by which it must be complete or have brought more bytes.</summary>
    /// <param name="bytes">The number of bytes that have arrived.</param>
    public TimeSpan Until(long bytes)
    {
        if (BytesPerSecond == 0 || bytes / (double)BytesPerSecond >= Most.TotalSeconds)
        {
            return Most;
        }

        var covered = TimeSpan.FromSeconds(bytes / (double)BytesPerSecond);
        var until = covered > Grace ? covered : Grace;
        return until < Most ? until : Most;
    }
}
