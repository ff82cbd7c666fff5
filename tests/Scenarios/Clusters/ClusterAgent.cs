using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Clusters;

/// <summary>An agent that responds with the request's body, keeps a journal of what it was sent, and comes back when its node is gone.</summary>
internal sealed class ClusterAgent : IAsyncDisposable
{
    /// <summary>A request whose body begins so is responded to once <see cref="Release"/> was called.</summary>
    public const string Held = "held ";

    // So that at any moment most of the callers have a request with an agent.
    private static readonly TimeSpan _work = TimeSpan.FromMilliseconds(100);

    // What a stock client sets that wants to notice a node that hangs.
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _journal = new();
    private readonly Func<ClusterAgent, CancellationToken, Task> _run;
    private readonly Task _running;
    private int _connects;
    private TaskCompletionSource _released = NewSource();

    private ClusterAgent(string id, Func<ClusterAgent, CancellationToken, Task> run)
    {
        Id = id;
        _run = run;
        _running = Task.Run(() => _run(this, _stop.Token));
    }

    public string Id { get; }

    /// <summary>The port of the node that it is connected to; for the SDK's, which go through a balancer, 0.</summary>
    public int Port { get; private set; }

    /// <summary>How often it has connected.</summary>
    public int Connects => _connects;

    /// <summary>How often each body came.</summary>
    public IReadOnlyDictionary<string, int> Journal => _journal;

    /// <summary>One of the SDK, which reconnects by itself.</summary>
    public static ClusterAgent OfSdk(string id, Uri address) => new(id, (self, stop) =>
    {
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions { Address = address, AgentId = id, StatusChanged = self.Count },
            async (request, response, cancellationToken) =>
            {
                await self.WorkAsync(Encoding.UTF8.GetString(request.Body.Span));
                await response.WriteAsync(request.Body, cancellationToken);
            });
        return agent.RunAsync(stop);
    });

    /// <summary>A stock gRPC client with keepalive, which tries one node after another.</summary>
    public static ClusterAgent OfStockClient(string id, Func<IReadOnlyList<Uri>> nodes, int home) => new(id, async (self, stop) =>
    {
        // Those of one node do not all go to the same one.
        var step = 1 + (home / 3 % 2);
        for (var node = home; !stop.IsCancellationRequested; node += step)
        {
            var known = nodes();
            var address = known[node % known.Count];
            using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { KeepAlivePingDelay = _keepAlive, KeepAlivePingTimeout = _keepAlive, ConnectTimeout = _keepAlive },
                DisposeHttpClient = true,
            });
            try
            {
                await using var agent = await TestAgent.ConnectAsync(channel, id);
                self.Port = address.Port;
                Interlocked.Increment(ref self._connects);
                await using var end = stop.Register(agent.Unsubscribe);
                await agent.ServeAsync(async request =>
                {
                    await self.WorkAsync(request.Body.ToStringUtf8());
                    await agent.RespondAsync(request.Id, new AgentResponse { Body = request.Body });
                });
            }
            catch (Exception e) when (e is RpcException or TimeoutException)
            {
                self.Port = 0;
                // That node is gone or stops, and says so; a pause keeps two that both refuse from being asked in a loop.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    });

    /// <summary>Has it respond to the requests that it holds.</summary>
    public void Release() => Interlocked.Exchange(ref _released, NewSource()).SetResult();

    public override string ToString() => Id;

    public async ValueTask DisposeAsync()
    {
        Release();
        await _stop.CancelAsync();
        await _running.DefaultTimeout();
        _stop.Dispose();
    }

    private void Count(SwitchboardAgentStatus status)
    {
        if (status.State == SwitchboardAgentState.Connected)
        {
            Interlocked.Increment(ref _connects);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task WorkAsync(string body)
    {
        _journal.AddOrUpdate(body, 1, static (_, times) => times + 1);
        return body.StartsWith(Held, StringComparison.Ordinal) ? _released.Task : Task.Delay(_work, TimeProvider.System, CancellationToken.None);
    }
}
