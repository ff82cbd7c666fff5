using Microsoft.Extensions.DependencyInjection;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>What the ledger says of durable requests is what they cost, all in all: within half of the heap's own figure.</summary>
[Collection(HeapAlone.Name)]
public sealed class DurableCostTests
{
    private const int Rounds = 3;

    [Theory]
    [InlineData(0, 3000)]
    [InlineData(100, 3000)]
    [InlineData(65_536, 300)]
    [InlineData(4_000_000, 9)]
    public Task Of_open_ones(int payload, int count) => IsNearAsync(payload, response: null, count);

    [Theory]
    [InlineData(0, 3000)]
    [InlineData(65_536, 300)]
    public Task Of_ended_ones(int response, int count) => IsNearAsync(payload: 100, response, count);

    private static async Task IsNearAsync(int payload, int? response, int count)
    {
        await using var fixture = await RequestFixture.StartAsync();
        // What an open one has at a front door counts there.
        if (response is not null)
        {
            await fixture.Door.ConnectAsync(fixture.Agent, 7);
        }

        var ledger = fixture.Cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<DurableLedger>();
        var rounds = new List<double>();
        ulong last = 0;
        // A first one, so that what is there once is there. Then the middle one of three rounds: the cluster of the case before may be
        // let go of by its own threads as late as during one of them, and its heap is then missing from that round's.
        await HoldAsync(fixture, ++last, payload, response);
        for (var round = 0; round < Rounds; round++)
        {
            var (bytes, before) = (ledger.Bytes, Heap());
            for (var held = 0; held < count / Rounds; held++)
            {
                await HoldAsync(fixture, ++last, payload, response);
            }

            rounds.Add((double)(ledger.Bytes - bytes) / (Heap() - before));
        }

        Assert.Equal(((int)last, response is null ? (int)last : 0), (ledger.Kept, ledger.Open));
        Assert.InRange(rounds.Order().ElementAt(Rounds / 2), 1 / 1.5, 1.5);
    }

    private static async Task HoldAsync(RequestFixture fixture, ulong id, int payload, int? response)
    {
        var envelope = RequestFixture.Envelope(id) with { Payload = new byte[payload] };
        await fixture.Grain(id).Accept(envelope, fixture.Report(id), RequestFixture.Hour).DefaultTimeout();
        if (response is { } length)
        {
            await fixture.PulseAsync(fixture.Grain(id), 0);
            Assert.True(await fixture.Grain(id).Finish(RequestFixture.Answered(1, new string('x', length))).DefaultTimeout());
        }
    }

    private static long Heap() => GC.GetTotalMemory(forceFullCollection: true);
}
