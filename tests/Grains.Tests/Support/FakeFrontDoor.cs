using System.Collections.Concurrent;
using System.Threading.Channels;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tests.Support;

/// <summary>A front door with one observer that writes down what it hears and replies as the test tells it to.</summary>
internal sealed class FakeFrontDoor : IFrontDoorObserver
{
    private readonly ConcurrentDictionary<(string Agent, ulong Session), SessionAnnouncement> _sessions = new();
    private readonly Channel<string> _deliver = Channel.CreateUnbounded<string>();
    private readonly Channel<SessionEnd> _ended = Channel.CreateUnbounded<SessionEnd>();
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _announceAgain = Channel.CreateUnbounded<string>();
    private readonly Channel<ulong> _cancelled = Channel.CreateUnbounded<ulong>();
    private readonly Channel<ulong> _requestsEnded = Channel.CreateUnbounded<ulong>();
    private readonly Channel<ulong> _succeeded = Channel.CreateUnbounded<ulong>();

    public FakeFrontDoor(IGrainFactory grains) => Reference = grains.CreateObjectReference<IFrontDoorObserver>(this);

    public IFrontDoorObserver Reference { get; }

    public Guid Holder { get; } = Guid.NewGuid();

    public ushort Number { get; set; }

    public FrontDoorLease Lease => new() { Number = Number, Holder = Holder, Observers = new[] { Reference }, Name = "fake" };

    public ChannelReader<string> AskedToDeliver => _deliver.Reader;

    public ChannelReader<SessionEnd> Ended => _ended.Reader;

    public ChannelReader<string> AskedWhatItHolds => _asked.Reader;

    public ChannelReader<string> AskedToAnnounce => _announceAgain.Reader;

    public ChannelReader<ulong> Cancelled => _cancelled.Reader;

    public ChannelReader<ulong> RequestsEnded => _requestsEnded.Reader;

    public ChannelReader<ulong> HaveSuccessors => _succeeded.Reader;

    public ConcurrentQueue<TaskOutcome> Outcomes { get; } = new();

    /// <summary>What a call awaits before it replies: a test that wants a front door to hang puts a task here.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<string> AgentsConnected { get; } = new();

    public Func<ulong, RequestReport?> OnDescribe { get; set; } = _ => null;

    public Func<ulong, bool> OnCancel { get; set; } = _ => false;

    public Action<IReadOnlyList<TaskOutcome>> OnOutcomes { get; set; } = _ => { };

    public SessionConnect Connecting(string agent, ulong session)
    {
        // A front door knows a session before it connects it; its number is not known yet.
        Hold(agent, session, 0);
        return new SessionConnect { Session = session, FrontDoor = Number, Observer = Reference };
    }

    public SessionAnnouncement Hold(string agent, ulong session, long connectNumber, bool retiring = false) =>
        _sessions[(agent, session)] = new SessionAnnouncement
        {
            Session = session,
            FrontDoor = Number,
            Observer = Reference,
            ConnectNumber = connectNumber,
            Retiring = retiring,
        };

    public void Drop(string agent, ulong session) => _sessions.TryRemove((agent, session), out _);

    public async Task<long> ConnectAsync(IAgentGrain agent, ulong session)
    {
        var key = agent.GetPrimaryKeyString();
        var connected = await agent.Connect(Connecting(key, session)).DefaultTimeout();
        Hold(key, session, connected.ConnectNumber);
        return connected.ConnectNumber;
    }

    public async Task<IReadOnlyList<SessionAnnouncement>> HeldSessions(string agentKey)
    {
        _asked.Writer.TryWrite(agentKey);
        await Gate;
        return _sessions.Where(s => s.Key.Agent == agentKey).Select(s => s.Value).ToArray();
    }

    public async Task AnnounceAgain(string agentKey)
    {
        _announceAgain.Writer.TryWrite(agentKey);
        await Gate;
    }

    public async Task EndSession(SessionEnd ended)
    {
        _ended.Writer.TryWrite(ended);
        await Gate;
    }

    public async Task Succeeded(ulong session)
    {
        _succeeded.Writer.TryWrite(session);
        await Gate;
    }

    public Task AgentConnected(string agentKey)
    {
        AgentsConnected.Enqueue(agentKey);
        return Gate;
    }

    public async Task Deliver(string agentKey)
    {
        _deliver.Writer.TryWrite(agentKey);
        await Gate;
    }

    public async Task<RequestReport?> Describe(ulong requestId)
    {
        await Gate;
        return OnDescribe(requestId);
    }

    public async Task<bool> CancelRequest(ulong requestId)
    {
        _cancelled.Writer.TryWrite(requestId);
        await Gate;
        return OnCancel(requestId);
    }

    public async Task RequestEnded(ulong requestId)
    {
        _requestsEnded.Writer.TryWrite(requestId);
        await Gate;
    }

    public async Task TaskOutcomes(IReadOnlyList<TaskOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            Outcomes.Enqueue(outcome);
        }

        OnOutcomes(outcomes);
        await Gate;
    }
}
