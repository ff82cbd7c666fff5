using FsCheck;
using FsCheck.Fluent;

namespace Switchboard.Core.Tests;

/// <summary>Runs a check over random sequences of events; a failure is cut down to a short sequence, with the seed to repeat it.</summary>
internal static class EventSequences
{
    /// <summary>Checks that <paramref name="run"/> throws for no sequence.</summary>
    /// <param name="run">Makes a core and its model, and gives both each of the events.</param>
    /// <param name="sequences">How many sequences of up to 200 events.</param>
    public static void Check(Action<IReadOnlyList<Event>> run, int sequences = 1_000)
    {
        var numbers = Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(), Shrink);
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(sequences).WithStartSize(1).WithEndSize(200).WithQuietOnSuccess(true),
            Prop.ForAll(numbers, events => run([.. events.Select(number => new Event(number))])));
    }

    // Without each half, quarter, … and single event in turn. The events themselves stay, so that one remains what it was.
    private static IEnumerable<int[]> Shrink(int[] events)
    {
        for (var length = events.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= events.Length; at += length)
            {
                yield return [.. events[..at], .. events[(at + length)..]];
            }
        }
    }
}

/// <summary>One event, as a number that its parts are drawn from.</summary>
internal sealed class Event(int number)
{
    private int _rest = number;

    /// <summary>A part of it: 0 up to but not including <paramref name="choices"/>.</summary>
    public int Draw(int choices)
    {
        var drawn = _rest % choices;
        _rest /= choices;
        return drawn;
    }
}
