using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Clusters;

/// <summary>
/// One address in front of the gRPC ports of several nodes, as a cluster's agents have it: each connection goes to the next node that takes
/// it, and ends when either side ends it.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile Uri[] _nodes;
    private int _next;

    public Balancer(IEnumerable<GatewayProcess> nodes)
    {
        _nodes = [.. nodes.Select(static n => n.Grpc)];
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The nodes' own addresses, for who needs no balancer.</summary>
    public IReadOnlyList<Uri> Nodes => _nodes;

    /// <summary>From now on connections go to these; those that are open stay.</summary>
    public void Use(IEnumerable<GatewayProcess> nodes) => _nodes = [.. nodes.Select(static n => n.Grpc)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.DefaultTimeout();
        await Task.WhenAll(_connections.Keys).DefaultTimeout();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var serving = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
                _connections[serving] = true;
                _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            using var node = await ConnectAsync();
            if (node is null)
            {
                return;
            }

            client.NoDelay = node.NoDelay = true;
            var (outside, inside) = (client.GetStream(), node.GetStream());
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var copies = new[] { CopyAsync(outside, inside, end.Token), CopyAsync(inside, outside, end.Token) };
            // A node that is killed resets its side, and the agent has to hear of it.
            await Task.WhenAny(copies);
            await end.CancelAsync();
            await Task.WhenAll(copies);
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        var nodes = _nodes;
        for (var tried = 0; tried < nodes.Length; tried++)
        {
            var node = new TcpClient();
            try
            {
                await node.ConnectAsync(IPAddress.Loopback, nodes[(Interlocked.Increment(ref _next) & int.MaxValue) % nodes.Length].Port, _stop.Token);
                return node;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                node.Dispose();
            }
        }

        return null;
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // One side is gone.
        }
    }
}
