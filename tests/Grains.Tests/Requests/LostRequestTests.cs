using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>D1: what a durable request survives.</summary>
public sealed class LostRequestTests
{
    /// <summary>The activation is lost and nobody calls: the reminder finds the request, and the agent gets it.</summary>
    [Fact]
    public async Task The_reminder_finds_it()
    {
        await using var fixture = await RequestFixture.StartAsync();
        var request = await fixture.AcceptAsync();
        await GrainCluster.LoseAsync(request);
        await Eventually.TrueAsync(() => fixture.Cluster.Log.Count(EventIds.RequestDeactivated) == 1, "the activation to be lost");
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var handed = fixture.Door.HandOvers.ReadAsync().AsTask();
        // Not past its time to live, however long this takes on a busy machine.
        var last = fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(30);
        await Eventually.UntilAsync(handed, async () =>
        {
            if (fixture.Time.GetUtcNow() < last)
            {
                fixture.Time.Advance(TimeSpan.FromSeconds(1));
            }

            await fixture.Cluster.RenewAsync(fixture.Door);
        });

        // On a busy machine the clock may have run past the bound on an attempt before the front door saw it, so that there were two.
        var report = await request.Describe().DefaultTimeout();
        Assert.True(report!.Sent);
        Assert.True(await request.Finish(RequestFixture.Answered(report.Attempt)).DefaultTimeout());
    }

    /// <summary>The activation is lost while the agent works: its front door is asked, and nothing is sent twice.</summary>
    [Fact]
    public async Task An_attempt_that_goes_on_is_not_repeated()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        fixture.Door.OnDescribe = id => fixture.Report(id) with { State = RequestState.Answering, Attempt = 1 };
        await GrainCluster.LoseAsync(request);
        for (var i = 0; i < 30; i++)
        {
            await fixture.PulseAsync(request, 5);
        }

        fixture.Handed();
        Assert.False(fixture.Door.HandOvers.TryRead(out _));
        Assert.True(await request.Finish(RequestFixture.Answered(1)).DefaultTimeout());
    }

    /// <summary>The front door died with the attempt, so that nobody reports its end: it is sent again.</summary>
    [Fact]
    public async Task An_attempt_that_nobody_knows_is_repeated()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        Assert.Equal(1u, fixture.Handed().Attempt);
        await fixture.PulseAsync(request, 34);
        Assert.False(fixture.Door.HandOvers.TryRead(out _));
        await fixture.PulseAsync(request, 1);
        await fixture.PulseAsync(request, 1);
        Assert.Equal(2u, fixture.Handed().Attempt);
    }

    /// <summary>
    /// R7: a front door that takes the attempt and never says so: the turn ends in time, and the response counts all the same.
    /// </summary>
    [Fact]
    public async Task A_front_door_that_does_not_reply_is_asked_later()
    {
        await using var fixture = await RequestFixture.StartAsync();
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        var never = new TaskCompletionSource();
        fixture.Door.Gate = never.Task;
        // Handed over at once: a timer that is due now does not wait for the clock to be turned.
        var request = await fixture.AcceptAsync();
        await fixture.Door.HandOvers.ReadAsync().DefaultTimeout();
        // The front door may hear of the attempt before the grain has set the bound on that call.
        await fixture.Time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        var described = request.Describe();
        var finished = request.Finish(RequestFixture.Answered(1));
        Assert.False(finished.IsCompleted);
        fixture.Time.Advance(TimeSpan.FromSeconds(2));

        // It may have been sent, so nobody is told that it was not.
        Assert.True((await described.DefaultTimeout())!.Sent);
        Assert.True(await finished.DefaultTimeout());
        never.SetResult();
    }

    /// <summary>D1: what could not be written down is not accepted, and nothing is left of it.</summary>
    [Fact]
    public async Task What_is_not_written_is_not_accepted()
    {
        await using var fixture = await RequestFixture.StartAsync();
        fixture.Cluster.ErrorsExpected = true;
        fixture.Cluster.Storage.Fails = state => state == Names.Storage.Request;
        var request = fixture.Grain(5);
        await Assert.ThrowsAnyAsync<Exception>(AcceptAsync).DefaultTimeout();
        fixture.Cluster.Storage.Fails = _ => false;
        Assert.Null(await request.Describe().DefaultTimeout());
        Assert.Equal(AcceptResult.Accepted, (await AcceptAsync().DefaultTimeout()).Result);

        Task<AcceptReply> AcceptAsync() => request.Accept(RequestFixture.Envelope(5), fixture.Report(5), RequestFixture.Hour);
    }

    /// <summary>D2: a response that could not be written down is not acknowledged; said again, it is recorded.</summary>
    [Fact]
    public async Task A_response_that_is_not_written_is_not_acknowledged()
    {
        await using var fixture = await RequestFixture.StartAsync();
        fixture.Cluster.ErrorsExpected = true;
        await fixture.Door.ConnectAsync(fixture.Agent, 1);
        fixture.Door.OnDescribe = id => fixture.Report(id) with { State = RequestState.Answering, Attempt = 1 };
        var request = await fixture.AcceptAsync();
        await fixture.PulseAsync(request, 0);
        fixture.Cluster.Storage.Fails = state => state == Names.Storage.Request;
        await Assert.ThrowsAnyAsync<Exception>(() => request.Finish(RequestFixture.Answered(1))).DefaultTimeout();
        Assert.Null(await request.GetResponse().DefaultTimeout());
        fixture.Cluster.Storage.Fails = _ => false;
        Assert.True(await request.Finish(RequestFixture.Answered(1)).DefaultTimeout());
        Assert.NotNull(await request.GetResponse().DefaultTimeout());
    }
}
