using Switchboard.Abstractions.Presence;
using Switchboard.Grains.Presence;

namespace Switchboard.Grains.Tests.Presence;

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
        HeapCost.IsNear(rounds: 7, () => Hold(labels, length));
    }

    private static (object Kept, long Counted) Hold(int labels, int length)
    {
        const int Agents = 2000;
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

        return (index, index.Bytes);
    }
}
