using System.Collections.Concurrent;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Client;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Faults;

/// <summary>What the agents' side knows of one request.</summary>
internal sealed class AgentEntry
{
    private int _received;

    /// <summary>How often it came.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>Every byte of the response has been written; said before the half-close, so before anybody can have the whole.</summary>
    public bool WroteAll { get; set; }

    /// <summary>It has been, or is about to be, said that it failed.</summary>
    public bool Failed { get; set; }

    public void Receive() => Interlocked.Increment(ref _received);
}

/// <summary>The agents' book: what came, what got a response, and weak references to what the gateway kept meanwhile.</summary>
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
                MinReconnectDelay = TimeSpan.FromMilliseconds(10),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
                StatusChanged = StatusChanged,
            },
            HandleAsync);
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

    private async Task HandleAsync(SwitchboardRequest message, IResponseWriter response, CancellationToken cancelled)
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
        switch (request.Response)
        {
            case StormResponse.Mute:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
                return;
            case StormResponse.Slow:
                await Task.Delay(request.Pause, TimeProvider.System, cancelled);
                break;
            case StormResponse.Fails:
                entry.Failed = true;
                await response.FailAsync("as drawn", cancelled);
                return;
        }

        response.Status = request.Status;
        foreach (var part in request.Parts)
        {
            await response.WriteAsync(part, cancelled);
            if (request.Response == StormResponse.FailsHalfway)
            {
                entry.Failed = true;
                await response.FailAsync("as drawn", cancelled);
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
