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
    // So that at any moment most of the callers have a request with an agent.
    private static readonly TimeSpan _work = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _journal = new();
    private readonly Func<ClusterAgent, CancellationToken, Task> _run;
    private readonly Task _running;

    private ClusterAgent(string id, Func<ClusterAgent, CancellationToken, Task> run)
    {
        Id = id;
        _run = run;
        _running = Task.Run(() => _run(this, _stop.Token));
    }

    public string Id { get; }

    /// <summary>The port of the node that it is connected to; for the SDK's, which go through a balancer, 0.</summary>
    public int Port { get; private set; }

    /// <summary>How often each body came.</summary>
    public IReadOnlyDictionary<string, int> Journal => _journal;

    /// <summary>One of the SDK, which reconnects by itself.</summary>
    public static ClusterAgent OfSdk(string id, Uri address) => new(id, (self, stop) =>
    {
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions { Address = address, AgentId = id },
            async (request, response, cancellationToken) =>
            {
                await self.WorkAsync(Encoding.UTF8.GetString(request.Body.Span));
                await response.WriteAsync(request.Body, cancellationToken);
            });
        return agent.RunAsync(stop);
    });

    /// <summary>A stock gRPC client, which tries one node after another.</summary>
    public static ClusterAgent OfStockClient(string id, IReadOnlyList<Uri> nodes, int home) => new(id, async (self, stop) =>
    {
        for (var node = home; !stop.IsCancellationRequested; node++)
        {
            var address = nodes[node % nodes.Count];
            using var channel = GrpcChannel.ForAddress(address);
            try
            {
                await using var agent = await TestAgent.ConnectAsync(channel, id);
                self.Port = address.Port;
                await using var end = stop.Register(agent.Unsubscribe);
                await agent.ServeAsync(async request =>
                {
                    await self.WorkAsync(request.Body.ToStringUtf8());
                    await agent.RespondAsync(request.Id, new AgentResponse { Body = request.Body });
                });
            }
            catch (Exception e) when (e is RpcException or TimeoutException)
            {
                // That node is gone or stops, and says so; a pause keeps two that both refuse from being asked in a loop.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    });

    public override string ToString() => Id;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.DefaultTimeout();
        _stop.Dispose();
    }

    private Task WorkAsync(string body)
    {
        _journal.AddOrUpdate(body, 1, static (_, times) => times + 1);
        return Task.Delay(_work, TimeProvider.System, CancellationToken.None);
    }
}
