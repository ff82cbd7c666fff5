using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class DurableLedgerTests
{
    private static readonly DurableBounds _wide = new()
    {
        PerAgent = 1000,
        BytesPerAgent = 1000,
        PerTenant = 1000,
        BytesPerTenant = 1000,
        Requests = 1000,
        Bytes = 1000,
    };

    public static TheoryData<DurableBounds, DurableLimit, long> Limits => new()
    {
        { _wide with { PerAgent = 3 }, DurableLimit.AgentRequests, 3 },
        { _wide with { BytesPerAgent = 30 }, DurableLimit.AgentBytes, 30 },
        { _wide with { PerTenant = 3 }, DurableLimit.TenantRequests, 3 },
        { _wide with { BytesPerTenant = 39 }, DurableLimit.TenantBytes, 39 },
        { _wide with { Requests = 3 }, DurableLimit.ProcessRequests, 3 },
        { _wide with { Bytes = 30 }, DurableLimit.ProcessBytes, 30 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void The_one_beyond_a_limit_is_refused_by_its_name_and_changes_nothing(DurableBounds bounds, DurableLimit limit, long value)
    {
        var ledger = new DurableLedger(bounds);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(ledger.TryAdd(Agent("a"), 10));
        }

        Assert.Equal(new DurableRefusal(limit, value), ledger.TryAdd(Agent("a"), 10));

        Assert.Equal((3, 3, 30), (ledger.Open, ledger.Kept, ledger.Bytes));
        ledger.Remove(Agent("a"), 10, open: true);
        Assert.Null(ledger.TryAdd(Agent("a"), 10));
    }

    [Theory]
    [InlineData(DurableLimit.AgentRequests)]
    [InlineData(DurableLimit.AgentBytes)]
    public void What_one_agent_has_is_no_other_agents_business(DurableLimit limit)
    {
        var ledger = new DurableLedger(limit == DurableLimit.AgentBytes ? _wide with { BytesPerAgent = 10 } : _wide with { PerAgent = 1 });
        Assert.Null(ledger.TryAdd(Agent("a"), 10));
        Assert.Equal(limit, ledger.TryAdd(Agent("a"), 10)?.Limit);
        Assert.Null(ledger.TryAdd(Agent("b"), 10));
    }

    [Fact]
    public void What_one_tenant_has_is_no_other_tenants_business()
    {
        var ledger = new DurableLedger(_wide with { PerTenant = 1 });
        Assert.Null(ledger.TryAdd(Agent("a"), 10));
        Assert.Equal(DurableLimit.TenantRequests, ledger.TryAdd(Agent("b"), 10)?.Limit);
        Assert.Null(ledger.TryAdd(Agent("a", "other"), 10));
    }

    [Fact]
    public void The_first_of_an_agent_passes_its_limit_of_bytes_and_not_that_of_the_process()
    {
        var ledger = new DurableLedger(_wide with { BytesPerAgent = 5, BytesPerTenant = 5 });
        Assert.Equal(DurableLimit.ProcessBytes, ledger.TryAdd(Agent("a"), 1001)?.Limit);
        Assert.Null(ledger.TryAdd(Agent("a"), 100));
        Assert.Equal(DurableLimit.AgentBytes, ledger.TryAdd(Agent("a"), 1)?.Limit);
    }

    [Fact]
    public void An_ended_one_counts_for_the_process_alone_with_its_response()
    {
        var ledger = new DurableLedger(_wide with { PerAgent = 1, Bytes = 100 });
        Assert.Null(ledger.TryAdd(Agent("a"), 40));
        Assert.True(ledger.HasRoomFor(60));
        Assert.False(ledger.HasRoomFor(61));

        ledger.End(Agent("a"), 40, ended: 70);

        Assert.Equal((0, 1, 70, 0), (ledger.Open, ledger.Kept, ledger.Bytes, ledger.Agents));
        Assert.Equal(DurableLimit.ProcessBytes, ledger.TryAdd(Agent("a"), 31)?.Limit);
        Assert.Null(ledger.TryAdd(Agent("a"), 30));
    }

    [Fact]
    public void What_is_found_again_is_kept_whatever_the_limits()
    {
        var ledger = new DurableLedger(_wide with { Requests = 1, Bytes = 10 });
        ledger.Restore(Agent("a"), 10, open: true);
        ledger.Restore(Agent("b"), 10, open: false);
        Assert.Equal((1, 2, 20), (ledger.Open, ledger.Kept, ledger.Bytes));
        Assert.NotNull(ledger.TryAdd(Agent("c"), 1));
    }

    [Fact]
    public void When_all_are_gone_nothing_is_left_whatever_the_order()
    {
        var random = new Random(7);
        var ledger = new DurableLedger(_wide with { PerAgent = 20, Requests = 200, Bytes = 5000, BytesPerAgent = 400, BytesPerTenant = 3000 });
        var held = new List<(AgentKey Agent, long Bytes, bool Open)>();
        for (var i = 0; i < 20_000; i++)
        {
            var agent = Agent($"a{random.Next(30)}", $"t{random.Next(3)}");
            var at = held.Count > 0 ? random.Next(held.Count) : 0;
            switch (random.Next(4))
            {
                case 0 or 1:
                    long bytes = random.Next(60);
                    if (ledger.TryAdd(agent, bytes) is null)
                    {
                        held.Add((agent, bytes, true));
                    }

                    break;
                case 2 when held.Count > 0 && held[at].Open:
                    ledger.End(held[at].Agent, held[at].Bytes, 5);
                    held[at] = (held[at].Agent, 5, false);
                    break;
                case 3 when held.Count > 0:
                    ledger.Remove(held[at].Agent, held[at].Bytes, held[at].Open);
                    held.RemoveAt(at);
                    break;
            }

            Assert.Equal((held.Count(h => h.Open), held.Count, held.Sum(h => h.Bytes)), (ledger.Open, ledger.Kept, ledger.Bytes));
            Assert.Equal(held.Where(h => h.Open).Select(h => h.Agent).Distinct().Count(), ledger.Agents);
        }

        foreach (var (agent, bytes, open) in held)
        {
            ledger.Remove(agent, bytes, open);
        }

        Assert.Equal((0, 0, 0, 0), (ledger.Open, ledger.Kept, ledger.Bytes, ledger.Agents));
    }

    private static AgentKey Agent(string id, string tenant = "default") => AgentKey.Parse($"{tenant}/{id}");
}
