using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>What durable requests may take of a silo, and that every way out gives it back.</summary>
public sealed class DurableBoundsTests
{
    [Fact]
    public async Task The_one_beyond_is_refused_with_its_limit_and_leaves_nothing()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableMaxPerAgent), 2);
        await fixture.AcceptAsync();
        await fixture.AcceptAsync();

        var reply = await OfferAsync(fixture, 50);

        Assert.Equal((AcceptResult.Refused, DurableLimit.AgentRequests, 2), (reply.Result, reply.Limit, reply.LimitValue));
        Assert.Equal(2, Ledger(fixture).Kept);
        await Eventually.TrueAsync(async () => await fixture.Cluster.ActivationsAsync(Names.GrainTypes.Request) == 2, "the refused one's activation to go");
    }

    [Fact]
    public async Task One_that_ended_makes_room_for_another_of_its_agent()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableMaxPerAgent), 1);
        var request = await fixture.AcceptAsync();
        Assert.Equal(AcceptResult.Refused, (await OfferAsync(fixture, 50)).Result);

        Assert.Equal(CancelResult.Cancelled, await request.Cancel().DefaultTimeout());

        Assert.Equal((0, 1), (Ledger(fixture).Open, Ledger(fixture).Kept));
        Assert.Equal(AcceptResult.Accepted, (await OfferAsync(fixture, 51)).Result);
    }

    [Fact]
    public async Task A_lost_activation_counts_again_when_it_is_found_again()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableMaxPerAgent), 1);
        var request = await fixture.AcceptAsync();
        var bytes = Ledger(fixture).Bytes;
        Assert.True(bytes > 0);

        await GrainCluster.LoseAsync(request);
        await Eventually.TrueAsync(() => Ledger(fixture).Bytes == 0, "the activation to be lost");
        Assert.NotNull(await request.Describe().DefaultTimeout());

        Assert.Equal((1, bytes), (Ledger(fixture).Open, Ledger(fixture).Bytes));
        Assert.Equal(AcceptResult.Refused, (await OfferAsync(fixture, 50)).Result);
    }

    [Fact]
    public async Task One_that_could_not_be_written_counts_for_nothing()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableMaxPerAgent), 1);
        fixture.Cluster.ErrorsExpected = true;
        fixture.Cluster.Storage.Fails = _ => true;
        await Assert.ThrowsAsync<OrleansException>(() => OfferAsync(fixture, 50));
        Assert.Equal((0, 0L), (Ledger(fixture).Kept, Ledger(fixture).Bytes));
    }

    [Fact]
    public async Task One_that_is_forgotten_counts_for_nothing()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableRetention), TimeSpan.Zero);
        var request = await fixture.AcceptAsync(TimeSpan.FromSeconds(10));
        await fixture.PulseAsync(request, 11);
        await Eventually.TrueAsync(() => Ledger(fixture) is { Kept: 0, Bytes: 0, Agents: 0 }, "it to be forgotten");
    }

    [Fact]
    public async Task A_response_that_finds_no_room_ends_its_request_as_such()
    {
        await using var fixture = await StartAsync(nameof(GrainOptions.DurableCapacityBytes), 65_536);
        await fixture.Door.ConnectAsync(fixture.Agent, 7);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);

        Assert.True(await request.Finish(RequestFixture.Answered(1, new string('x', 40_000))).DefaultTimeout());

        var report = await request.Describe().DefaultTimeout();
        Assert.Equal((Verdict.AnswerNotKept, true), (report!.Verdict, report.Sent));
        Assert.Null(await request.GetResponse().DefaultTimeout());
        Assert.True(Ledger(fixture).Bytes <= 65_536);
    }

    private static Task<RequestFixture> StartAsync(string option, object value) => RequestFixture.StartAsync(
        new Dictionary<string, string?> { [$"{GrainOptions.SectionName}:{option}"] = value.ToString() });

    private static DurableLedger Ledger(RequestFixture fixture) =>
        fixture.Cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<DurableLedger>();

    private static Task<AcceptReply> OfferAsync(RequestFixture fixture, ulong id) => fixture.Cluster.Grains
        .GetGrain<IRequestGrain>(new RequestId(id).ToString())
        .Accept(RequestFixture.Envelope(id), fixture.Report(id), RequestFixture.Hour).DefaultTimeout();
}
