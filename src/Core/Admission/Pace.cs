namespace Switchboard.Core.Admission;

/// <summary>How fast something must come that has begun to come.</summary>
/// <param name="Most">The longest that it may take as a whole.</param>
/// <param name="Grace">For so long its rate does not count.</param>
/// <param name="BytesPerSecond">How many bytes a second it must bring on the average; 0: any number.</param>
public readonly record struct Pace(TimeSpan Most, TimeSpan Grace, int BytesPerSecond)
{
    /// <summary>How long after its beginning it must be whole or have brought more than this.</summary>
    /// <param name="bytes">What has come of it.</param>
    public TimeSpan Until(long bytes)
    {
        if (BytesPerSecond == 0 || bytes / (double)BytesPerSecond >= Most.TotalSeconds)
        {
            return Most;
        }

        TimeSpan covered = TimeSpan.FromSeconds(bytes / (double)BytesPerSecond);
        TimeSpan until = covered > Grace ? covered : Grace;
        return until < Most ? until : Most;
    }
}
