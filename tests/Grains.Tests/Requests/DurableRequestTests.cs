using System.Text;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>The life of a durable request, by a clock that is turned.</summary>
public sealed class DurableRequestTests
{
    /// <summary>D2: handed over, completed, recorded once: the same response again is acknowledged, any other refused.</summary>
    [Fact]
    public async Task A_response_is_recorded_once()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 7);
        var request = await fixture.AcceptAsync();
        var report = await fixture.PulseAsync(request, 0);
        Assert.Equal((RequestState.Sent, true, 1u, true), (report!.State, report.Sent, report.Attempt, report.Accepted202));
        var handed = fixture.Handed();
        Assert.Equal((7UL, 1u, "work"), (handed.Session, handed.Attempt, Encoding.UTF8.GetString(handed.Payload.Span)));
        Assert.Equal(TimeSpan.FromSeconds(30), handed.TimeLeft);
        Assert.Null(await request.GetResponse().DefaultTimeout());

        Assert.False(await request.Finish(RequestFixture.Answered(attempt: 2)).DefaultTimeout());
        Assert.True(await request.Finish(RequestFixture.Answered(attempt: 1)).DefaultTimeout());
        Assert.True(await request.Finish(RequestFixture.Answered(attempt: 1)).DefaultTimeout());
        Assert.False(await request.Finish(RequestFixture.Answered(attempt: 1, "other")).DefaultTimeout());
        Assert.False(await request.Finish(RequestFixture.Failed(1, Verdict.AgentFailed)).DefaultTimeout());
        await GrainCluster.LoseAsync(request);
        Assert.True(await request.Finish(RequestFixture.Answered(attempt: 1)).DefaultTimeout());
        var response = await request.GetResponse().DefaultTimeout();
        Assert.Equal((200, "done"), (response!.Status, Encoding.UTF8.GetString(response.Body.Span)));
        report = await fixture.PulseAsync(request, 600);
        Assert.Equal((RequestState.Ended, Verdict.Answered, 200, 4L), (report!.State, report.Verdict, report.Status, report.ResponseBytes));
        Assert.False(fixture.Door.HandOvers.TryRead(out _));
    }

    /// <summary>R7: who waits for the end is told of it, once, and nobody's call lasts that long.</summary>
    [Fact]
    public async Task Who_asked_to_is_told_of_the_end()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        Assert.Null((await request.Watch(fixture.Door.Reference).DefaultTimeout())!.Verdict);
        await fixture.PulseAsync(request, 0);
        Assert.False(fixture.Door.RequestsEnded.TryRead(out _));
        Assert.True(await request.Finish(RequestFixture.Answered(attempt: 1)).DefaultTimeout());
        Assert.Equal(request.GetPrimaryKeyString(), $"{await fixture.Door.RequestsEnded.ReadAsync().AsTask().DefaultTimeout():x16}");
        Assert.True(await request.Finish(RequestFixture.Answered(attempt: 1)).DefaultTimeout());

        // What has ended is told by the reply; of what was never accepted nothing is kept.
        Assert.Equal(Verdict.Answered, (await request.Watch(fixture.Door.Reference).DefaultTimeout())!.Verdict);
        Assert.Null(await fixture.Grain(4711).Watch(fixture.Door.Reference).DefaultTimeout());
        Assert.False(fixture.Door.RequestsEnded.TryRead(out _));
    }

    /// <summary>R5: however many ask, few are kept.</summary>
    [Fact]
    public async Task Those_who_are_told_are_bounded()
    {
        await using var fixture = await RequestFixture.StartAsync();
        var request = await fixture.AcceptAsync();
        for (var i = 0; i < 20; i++)
        {
            await request.Watch(fixture.Door.Reference).DefaultTimeout();
        }

        Assert.Equal(CancelResult.Cancelled, await request.Cancel().DefaultTimeout());
        for (var told = 0; told < 8; told++)
        {
            await fixture.Door.RequestsEnded.ReadAsync().AsTask().DefaultTimeout();
        }

        await fixture.PulseAsync(request, 0);
        Assert.False(fixture.Door.RequestsEnded.TryRead(out _));
    }

    /// <summary>D1: an agent that is away is tried again, soon and then every 5 s, and gets the request when it comes.</summary>
    [Fact]
    public async Task An_agent_that_comes_later_gets_it()
    {
        await using var fixture = await RequestFixture.StartAsync();
        var request = await fixture.AcceptAsync();
        for (var second = 0; second < 60; second++)
        {
            await fixture.PulseAsync(request, 1);
        }

        Assert.InRange(fixture.Cluster.Log.Count(EventIds.RequestNotTaken), 12, 16);
        await fixture.Cluster.RenewAsync(fixture.Door);
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        await fixture.PulseAsync(request, 5);
        Assert.Equal(1u, fixture.Handed().Attempt);
    }

    /// <summary>
    /// D1: an attempt that came to nothing is followed by another, with its own number; the old one's report is refused then.
    /// </summary>
    [Theory]
    [InlineData(Verdict.AgentDisconnected)]
    [InlineData(Verdict.FirstMessageTimeout)]
    public async Task An_attempt_that_came_to_nothing_is_repeated(Verdict verdict)
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        Assert.Equal(1u, fixture.Handed().Attempt);
        Assert.True(await request.Finish(RequestFixture.Failed(1, verdict)).DefaultTimeout());
        var report = await fixture.PulseAsync(request, 0.3);
        Assert.Equal((RequestState.Sent, 2u), (report!.State, report.Attempt));
        Assert.Equal(2u, fixture.Handed().Attempt);
        Assert.False(await request.Finish(RequestFixture.Answered(1)).DefaultTimeout());
        Assert.True(await request.Finish(RequestFixture.Answered(2)).DefaultTimeout());
    }

    /// <summary>What the agent itself refused, or broke, ends the request: the next attempt would end the same way.</summary>
    [Theory]
    [InlineData(Verdict.AgentFailed)]
    [InlineData(Verdict.TooLarge)]
    public async Task A_refusal_ends_it(Verdict verdict)
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        Assert.True(await request.Finish(RequestFixture.Failed(1, verdict)).DefaultTimeout());
        Assert.True(await request.Finish(RequestFixture.Failed(1, verdict)).DefaultTimeout());
        var report = await fixture.PulseAsync(request, 60);
        Assert.Equal((RequestState.Ended, verdict, true), (report!.State, report.Verdict, report.Sent));
    }

    /// <summary>D1: not delivered within its time to live it ends `expired`, unsent; and an hour later nothing is left of it.</summary>
    [Fact]
    public async Task It_expires_and_is_forgotten()
    {
        await using var fixture = await RequestFixture.StartAsync();
        var request = await fixture.AcceptAsync(TimeSpan.FromSeconds(20));
        var report = await fixture.PulseAsync(request, 19.9);
        Assert.Null(report!.Verdict);
        report = await fixture.PulseAsync(request, 0.1);
        Assert.Equal((RequestState.Ended, Verdict.Expired, false), (report!.State, report.Verdict, report.Sent));
        Assert.False(await request.Finish(RequestFixture.Answered(1)).DefaultTimeout());
        var again = await request.Accept(RequestFixture.Envelope(1), fixture.Report(1), RequestFixture.Hour).DefaultTimeout();
        Assert.Equal(AcceptResult.DuplicateId, again.Result);
        Assert.NotNull(await fixture.PulseAsync(request, 3599));
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(async () => await request.Describe().DefaultTimeout() is null, "the request to be forgotten");
        await NoActivationAsync(fixture);
    }

    /// <summary>R3: who cancels is obeyed once; the agent's front door hears of it at once.</summary>
    [Fact]
    public async Task It_can_be_cancelled()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        var id = fixture.Handed().RequestId;
        Assert.Equal(CancelResult.Cancelled, await request.Cancel().DefaultTimeout());
        Assert.Equal(id, await fixture.Door.Cancelled.ReadAsync().DefaultTimeout());
        Assert.Equal(CancelResult.AlreadyEnded, await request.Cancel().DefaultTimeout());
        Assert.False(await request.Finish(RequestFixture.Answered(1)).DefaultTimeout());
        var report = await fixture.PulseAsync(request, 60);
        Assert.Equal((Verdict.CallerCancelled, 1u), (report!.Verdict, report.Attempt));
    }

    /// <summary>A session that is gone is told to the agent's grain; one that has enough to do is tried again.</summary>
    [Theory]
    [InlineData(HandOverResult.NoSuchSession, false)]
    [InlineData(HandOverResult.Overloaded, true)]
    public async Task Who_does_not_take_it_is_tried_again(HandOverResult result, bool staysOnline)
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        fixture.Door.OnHandOver = envelope => envelope.Session == 1 && envelope.Attempt < 3 ? result : HandOverResult.Taken;
        var request = await fixture.AcceptAsync();
        var report = await fixture.PulseAsync(request, 0);
        Assert.Equal((RequestState.Accepted, false), (report!.State, report.Sent));
        Assert.Equal(staysOnline, await fixture.Agent.RouteAsync() is not null);
        await fixture.Door.ConnectAsync(fixture.Agent, 2);
        await fixture.PulseAsync(request, 5);
        Assert.Equal(1UL, fixture.Handed().Session);
        var second = fixture.Handed();
        Assert.Equal((2UL, 2u), (second.Session, second.Attempt));
        Assert.True(await request.Finish(RequestFixture.Answered(2)).DefaultTimeout());
    }

    private static Task NoActivationAsync(RequestFixture fixture) => Eventually.TrueAsync(
        async () => await fixture.Cluster.ActivationsAsync(Names.GrainTypes.Request) == 0, "no activation of a request to be left");
}
