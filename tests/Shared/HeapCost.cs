namespace Switchboard.TestSupport;

/// <summary>For tests that measure the heap of this process: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HeapAlone
{
    public const string Name = "heap";
}

/// <summary>Holds what a ledger counts against what the heap says.</summary>
internal static class HeapCost
{
    /// <summary>
    /// What is counted is within half of the heap's own figure: the middle of several, as what other tests left comes and goes meanwhile.
    /// </summary>
    public static void IsNear(int rounds, Func<(object Kept, long Counted)> hold)
    {
        var measured = Enumerable.Range(0, rounds).Select(_ => Measure(hold)).ToList();
        var heap = measured.Select(m => m.Heap).Order().ElementAt(rounds / 2);
        Assert.InRange(measured[0].Counted, heap / 1.5, heap * 1.5);
    }

    private static (long Counted, double Heap) Measure(Func<(object Kept, long Counted)> hold)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (kept, counted) = hold();
        var heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        return (counted, heap);
    }
}
