using Switchboard.Abstractions.Presence;
using Switchboard.Grains.Presence;

namespace Switchboard.Grains.Tests.Presence;

/// <summary>Measures the heap of this process, so nothing else may run beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HeapAlone
{
    public const string Name = "heap";
}

[Collection(HeapAlone.Name)]
public sealed class AgentIndexMemoryTests
{
    /// <summary>What is counted is what it costs: within half of the heap's own figure, with labels and without.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 20)]
    [InlineData(64, 100)]
    public void The_cost_is_near_what_the_heap_says(int labels, int length)
    {
        // What other tests left is freed at any moment: the middle of several short measurements is not theirs.
        var measured = Enumerable.Range(0, 7).Select(_ => Measure(labels, length)).ToList();
        var heap = measured.Select(m => m.Heap).Order().ElementAt(measured.Count / 2);
        Assert.InRange(measured[0].Counted, heap / 1.5, heap * 1.5);
    }

    private static (long Counted, double Heap) Measure(int labels, int length)
    {
        const int Agents = 2000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new AgentIndex(Agents, long.MaxValue);
        for (var i = 0; i < Agents; i++)
        {
            index.Report(new AgentReport
            {
                Tenant = new string("default".AsSpan()),
                AgentId = $"agent-{i}",
                Online = i % 2 == 0,
                ConnectNumber = i,
                Session = (ulong)i,
                FrontDoor = 1,
                LastSeen = DateTimeOffset.UnixEpoch.AddSeconds(i),
                SoftwareVersion = $"1.0.{i}",
                Labels = Enumerable.Range(0, labels).ToDictionary(l => $"label-{l}", l => new string((char)('a' + (l % 26)), length)),
            });
        }

        var heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        var counted = index.Bytes;
        GC.KeepAlive(index);
        return (counted, heap);
    }
}
