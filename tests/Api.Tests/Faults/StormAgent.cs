using System.Collections.Concurrent;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Tests.Harness;
using Switchboard.Client;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Faults;

/// <summary>What the agents' side knows of one request.</summary>
internal sealed class AgentEntry
{
    private int _received;

    /// <summary>How often it came.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>Every byte of the answer has been written; said before the half-close, so before anybody can have the whole.</summary>
    public bool WroteAll { get; set; }

    /// <summary>It has been, or is about to be, said that it failed.</summary>
    public bool Failed { get; set; }

    public void Receive() => Interlocked.Increment(ref _received);
}

/// <summary>The agents' book: what came, what was answered, and weak references to what the gateway kept meanwhile.</summary>
internal sealed class AgentBook
{
    public ConcurrentDictionary<int, AgentEntry> Entries { get; } = new();

    public ConcurrentQueue<string> Wrong { get; } = new();

    public ConcurrentQueue<WeakReference<LiveRequest>> Requests { get; } = new();

    public ConcurrentQueue<WeakReference<AgentSession>> Sessions { get; } = new();
}

/// <summary>An agent of the SDK that comes back whatever happens, and does what <see cref="StormRequest"/> says.</summary>
internal sealed class StormAgent : IAsyncDisposable
{
    private readonly GatewayHost _host;
    private readonly AgentBook _book;
    private readonly int _seed;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private int _connects;

    public StormAgent(GatewayHost host, Uri address, string id, AgentBook book, int seed)
    {
        _host = host;
        _book = book;
        _seed = seed;
        Id = id;
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions
            {
                Address = address,
                AgentId = id,
                ReconnectDelayMin = TimeSpan.FromMilliseconds(10),
                ReconnectDelayMax = TimeSpan.FromMilliseconds(100),
                StatusChanged = StatusChanged,
            },
            AnswerAsync);
        _running = agent.RunAsync(_stop.Token);
    }

    public string Id { get; }

    public int Connects => Volatile.Read(ref _connects);

    public Task Connected => _connected.Task.DefaultTimeout();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.DefaultTimeout();
        _stop.Dispose();
    }

    private void StatusChanged(SwitchboardAgentStatus status)
    {
        if (status.State == SwitchboardAgentState.Connected)
        {
            Interlocked.Increment(ref _connects);
            if (_host.Sessions.Find(status.SessionId) is { } session)
            {
                _book.Sessions.Enqueue(new(session));
            }

            _connected.TrySetResult();
        }
    }

    private async Task AnswerAsync(SwitchboardRequest message, IAnswerWriter answer, CancellationToken cancelled)
    {
        if (StormRequest.Of(_seed, message.Body.Span) is not { } request)
        {
            _book.Wrong.Enqueue($"a body of {message.Body.Length} bytes is nobody's");
            return;
        }

        if (message.AgentId != Id || message.Attempt != 1)
        {
            _book.Wrong.Enqueue($"request {request.Number} for {message.AgentId} came to {Id}, attempt {message.Attempt}");
        }

        var entry = _book.Entries.GetOrAdd(request.Number, static _ => new());
        entry.Receive();
        Remember(message.Id);
        switch (request.Answer)
        {
            case StormAnswer.Mute:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
                return;
            case StormAnswer.Slow:
                await Task.Delay(request.Pause, TimeProvider.System, cancelled);
                break;
            case StormAnswer.Fails:
                entry.Failed = true;
                await answer.FailAsync("as drawn", cancelled);
                return;
        }

        answer.Status = request.Status;
        foreach (var part in request.Parts)
        {
            await answer.WriteAsync(part, cancelled);
            if (request.Answer == StormAnswer.FailsHalfway)
            {
                entry.Failed = true;
                await answer.FailAsync("as drawn", cancelled);
                return;
            }
        }

        entry.WroteAll = true;
    }

    private void Remember(string id)
    {
        if (_host.Requests.TryFind(Convert.ToUInt64(id, 16), out var live))
        {
            _book.Requests.Enqueue(new(live));
        }
    }
}
