using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Switchboard.Simulation;

/// <summary>Virtual time and what happens in it, one event after another, in an order that the seed alone decides.</summary>
internal sealed class World(ulong seed, bool traced)
{
    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private readonly List<string> _trace = [];
    private long _order;

    public SimRandom Random { get; } = new(seed);

    /// <summary>The monotonic clock that all processes read.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Two runs that differ anywhere differ in this.</summary>
    public ulong Fingerprint { get; private set; } = seed;

    public bool Traced => traced;

    public IReadOnlyList<string> Trace => _trace;

    public int Events { get; private set; }

    public void After(TimeSpan delay, Action what) => At(Now + delay, what);

    public void At(TimeSpan due, Action what) => _events.Enqueue(what, (Math.Max(due.Ticks, Now.Ticks), _order++));

    /// <summary>Lets events happen until that time, and looks at everything after each.</summary>
    public void Run(TimeSpan until, Action check)
    {
        while (_events.TryPeek(out var what, out var at) && at.Due <= until.Ticks)
        {
            _events.Dequeue();
            Now = new TimeSpan(at.Due);
            Events++;
            Mix((ulong)at.Due);
            what();
            check();
        }
        Now = until;
    }

    /// <summary>Notes what happened: in the trace where there is one, and in the fingerprint.</summary>
    public void Note(ulong about, [InterpolatedStringHandlerArgument("")] ref LazyText text)
    {
        Mix(about);
        if (traced)
        {
            _trace.Add($"{Now.TotalMilliseconds,10:0.000} {text.Text}");
        }
    }

    private void Mix(ulong value) => Fingerprint = (Fingerprint ^ value) * 0x100000001b3 + (Fingerprint >> 29);
}

/// <summary>A text that is made only where somebody will read it: nearly never.</summary>
[InterpolatedStringHandler]
internal readonly ref struct LazyText
{
    private readonly StringBuilder? _text;

    /// <summary>A note: wanted where there is a trace.</summary>
    public LazyText(int literalLength, int formattedCount, World world, out bool wanted)
    {
        wanted = world.Traced;
        _text = wanted ? new StringBuilder(literalLength + (8 * formattedCount)) : null;
    }

    /// <summary>What is said of a condition: wanted where it does not hold.</summary>
    public LazyText(int literalLength, int formattedCount, bool holds, out bool wanted)
    {
        wanted = !holds;
        _text = wanted ? new StringBuilder(literalLength + (8 * formattedCount)) : null;
    }

    public string Text => _text?.ToString() ?? "";

    public void AppendLiteral(string s) => _text!.Append(s);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    public void AppendFormatted(ulong value, string format) => _text!.Append(value.ToString(format, CultureInfo.InvariantCulture));
}

/// <summary>Something that must hold did not.</summary>
public sealed class InvariantBrokenException(string invariant, string detail) : Exception($"{invariant}: {detail}")
{
    /// <summary>Which.</summary>
    public string Invariant { get; } = invariant;
}

/// <summary>What the oracles say.</summary>
internal static class Invariant
{
    public static void Holds(
        bool condition, string invariant, [InterpolatedStringHandlerArgument(nameof(condition))] ref LazyText detail)
    {
        if (!condition)
        {
            throw new InvariantBrokenException(invariant, detail.Text);
        }
    }
}
