using System.Collections.Concurrent;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>What grain and test share by the grain's key, both being in one process: what happened, and gates where a turn stops.</summary>
public sealed class Diary
{
    private static readonly ConcurrentDictionary<string, Diary> s_byKey = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _events = new();
    private int _activations;
    private int _activationsToFail;
    private int _inside;
    private int _mostInside;

    public ConcurrentQueue<string> Entries { get; } = new();

    /// <summary>The most turns that were inside at the same time.</summary>
    public int MostInside => _mostInside;

    public int Activations => _activations;

    /// <summary>How many activations from now on fail; only what is set before the first call counts.</summary>
    public int ActivationsToFail
    {
        get => _activationsToFail;
        set => _activationsToFail = value;
    }

    public static Diary Of(string key) => s_byKey.GetOrAdd(key, _ => new Diary());

    public static string NewKey() => Guid.NewGuid().ToString("N");

    /// <summary>For the grain: writes, and whoever waits for it goes on.</summary>
    public void Write(string entry)
    {
        Entries.Enqueue(entry);
        Event(entry).TrySetResult();
    }

    /// <summary>For the test: waits until that was written.</summary>
    public Task WhenAsync(string entry) => Event(entry).Task.DefaultTimeout();

    /// <summary>For the grain: waits until the test opens the gate.</summary>
    public Task PassAsync(string gate) => Gate(gate).Task.DefaultTimeout();

    /// <summary>For the test.</summary>
    public void Open(string gate) => Gate(gate).TrySetResult();

    /// <summary>For the grain: counts an activation and says whether it is to fail.</summary>
    public (int Number, bool Fails) Activate()
        => (Interlocked.Increment(ref _activations), Interlocked.Decrement(ref _activationsToFail) >= 0);

    public void Enter()
    {
        var now = Interlocked.Increment(ref _inside);
        int seen;
        while ((seen = _mostInside) < now)
        {
            Interlocked.CompareExchange(ref _mostInside, now, seen);
        }
    }

    public void Leave() => Interlocked.Decrement(ref _inside);

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private TaskCompletionSource Event(string name) => _events.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
