using Switchboard.Core.Agents;

namespace Switchboard.Core.Tests.Agents;

/// <summary>What a session's agent hears, and in which order.</summary>
public sealed class SessionQueueTests
{
    private readonly SessionQueue<Request, string> _queue = new(maxInFlight: 2, maxQueuedBytes: 1000);

    /// <summary>T5: an end that leaves out its own word because the agent was asked to go before finds that earlier word in the queue, always.</summary>
    [Fact]
    public void Who_is_asked_to_go_hears_it_even_where_the_end_comes_at_once()
    {
        Assert.True(_queue.Retire("go"));
        Assert.NotNull(_queue.End(goAway: null, dropQueue: false));
        Assert.Equal("go", Next());
        Assert.Null(Next());
    }

    /// <summary>Asked twice, or after the end: it hears it once, or not at all.</summary>
    [Fact]
    public void It_is_asked_once()
    {
        Assert.True(_queue.Retire("go"));
        Assert.False(_queue.Retire("go again"));
        Assert.Equal("go", Next());
        _queue.End("over", dropQueue: false);
        Assert.Equal("over", Next());
        Assert.False(new SessionQueue<Request, string>(1, 1) is var ended && ended.End(null, false) is not null && ended.Retire("go"));
    }

    /// <summary>One whose agent does not read is not marked as asked: nothing said that it should go, so its end must.</summary>
    [Fact]
    public void An_agent_that_does_not_read_was_not_asked()
    {
        while (_queue.TryEnqueue("heartbeat"))
        {
        }

        Assert.False(_queue.Retire("go"));
        Assert.False(_queue.IsRetiring);
    }

    private string? Next() => _queue.TryDequeue(out _, out var control) ? control : null;

    private sealed class Request : ISessionRequest<Request>
    {
        public long Cost => 0;

        public object? InFlightAt { get; set; }

        public Request? SessionPrevious { get; set; }

        public Request? SessionNext { get; set; }
    }
}
