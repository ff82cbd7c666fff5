using System.Collections.Concurrent;
using Grpc.Core;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>R4, R5: an agent that stops reading its subscription, over sockets: the windows fill and a write to it hangs.</summary>
public sealed class DeafAgentTests : IAsyncLifetime
{
    private const int MaxInFlight = 8;

    // Eight of them are more than a stream's windows and Kestrel's buffer hold, so that a write is sure to hang.
    private static readonly string _megabyte = new('x', 1024 * 1024);

    private readonly ManualTimeProvider _time = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task Its_requests_time_out_and_then_there_is_no_room_for_more()
    {
        using var deaf = await DeafAgent.ConnectAsync(Host, "deaf", MaxInFlight);
        await using var other = await TestAgent.ConnectAsync(Host, "hearing");
        _ = other.EchoAsync();
        var calls = await FillAsync("deaf", TimeSpan.FromSeconds(3));
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded", "no"), Of(await TestCall.RunAsync(Host, "deaf")));
        Assert.Equal("heard", (await TestCall.RunAsync(Host, "hearing", "heard")).Text);

        _time.Advance(TimeSpan.FromSeconds(3.1));
        var ends = await Task.WhenAll(calls.Select(c => c.EndAsync()));
        Assert.All(ends, e => Assert.Contains(Of(e), new[]
        {
            (StatusCode.DeadlineExceeded, "first-message-timeout", "yes"), (StatusCode.DeadlineExceeded, "expired-unsent", "no"),
        }));

        // Ended, and yet in the queue of one that does not read: so many and no more (R5).
        await FillAsync("deaf", TimeSpan.FromSeconds(3), ends.Count(e => e.Sent == "yes"));
        Assert.Equal("overloaded", (await TestCall.RunAsync(Host, "deaf")).Reason);
        Assert.Equal("heard", (await TestCall.RunAsync(Host, "hearing", "heard")).Text);

        // It reads on: what was sent it gets, what had expired before it could be sent it never does.
        _time.Advance(TimeSpan.FromSeconds(3.1));
        var reading = deaf.ReadOnAsync();
        await using var next = await TestAgent.ConnectAsync(Host, "deaf");
        var (requests, goAway, status) = await reading;
        Assert.Equal(ends.Where(e => e.Sent == "yes").Select(e => e.RequestId), requests);
        Assert.Equal(("displaced", StatusCode.OK), (goAway, status));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task It_reconnects_at_once_and_what_was_not_sent_goes_to_the_new_session()
    {
        using var deaf = await DeafAgent.ConnectAsync(Host, "again", MaxInFlight);
        var calls = await FillAsync("again", TimeSpan.FromSeconds(30));
        var ids = await Task.WhenAll(calls.Select(c => c.IdAsync()));
        await using var agent = await TestAgent.ConnectAsync(Host, "again");
        var served = new ConcurrentQueue<string>();
        _ = agent.ServeAsync(r =>
        {
            served.Enqueue(r.Id);
            return agent.RespondAsync(r.Id);
        });
        var ends = await Task.WhenAll(calls.Select(c => c.EndAsync()));
        var lost = ends.Where(e => e.Status != StatusCode.OK).ToList();
        Assert.InRange(lost.Count, 1, MaxInFlight - 1);
        Assert.All(lost, e => Assert.Equal((StatusCode.Cancelled, "agent-disconnected", "yes"), Of(e)));
        Assert.Equal(ids.Except(lost.Select(e => e.RequestId)).Order(), served.Order());
        Assert.Equal(StatusCode.OK, (await TestCall.RunAsync(Host, "again")).Status);

        // The old stream still hangs in its write; it is cut when its last words are overdue.
        Assert.Single(Host.Sessions.Streams, s => s.Ended is not null);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotEqual(StatusCode.OK, (await deaf.ReadOnAsync()).Status);
        await Eventually.IsTrueAsync(() => Host.Sessions.Streams.Count() == 1, () => "the old stream has not ended");
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_write_past_its_time_ends_the_session_and_all_of_its_requests()
    {
        using var deaf = await DeafAgent.ConnectAsync(Host, "dead", MaxInFlight);
        await using var other = await TestAgent.ConnectAsync(Host, "alive");
        _ = other.EchoAsync();
        var calls = await FillAsync("dead", TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(MaxInFlight, Host.Requests.Count);
        _time.Advance(TimeSpan.FromSeconds(2));
        var ends = await Task.WhenAll(calls.Select(c => c.EndAsync()));
        Assert.Contains(ends, e => Of(e) == (StatusCode.Cancelled, "agent-disconnected", "yes"));
        Assert.All(ends.Where(e => e.Sent == "no"), e => Assert.Equal((StatusCode.NotFound, "agent-offline"), (e.Status, e.Reason!)));
        Assert.Equal("heard", (await TestCall.RunAsync(Host, "alive", "heard")).Text);
        Assert.NotEqual(StatusCode.OK, (await deaf.ReadOnAsync()).Status);
        Assert.Single(Host.Sessions.All);

        await using var agent = await TestAgent.ConnectAsync(Host, "dead");
        _ = agent.EchoAsync();
        Assert.Equal("back", (await TestCall.RunAsync(Host, "dead", "back")).Text);
        await Host.AssertQuietAsync();
    }

    private static (StatusCode, string, string) Of(CallEnd end) => (end.Status, end.Reason!, end.Sent!);

    // As many as there is room for. The first go into the windows; that the writer hangs shows by requests that stay unsent.
    private async Task<List<TestCall>> FillAsync(string agent, TimeSpan timeout, int count = MaxInFlight)
    {
        List<TestCall> calls = [];
        for (var i = 0; i < count; i++)
        {
            calls.Add(TestCall.Start(Host, agent, _megabyte, timeout: timeout));
        }

        await Task.WhenAll(calls.Select(c => c.IdAsync()));
        return calls;
    }
}
