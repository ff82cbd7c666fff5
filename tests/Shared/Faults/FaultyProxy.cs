using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Switchboard.TestSupport.Faults;

/// <summary>
/// A TCP proxy on loopback that misbehaves: by a plan that is drawn from a seed, and at a test's word, at once and for every connection
/// or for one of <see cref="Connections"/>. Disposed, nothing of it is left running.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly Func<int, ConnectionPlan> _plan;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly ProxyGate[] _silence = [new(), new()];
    private readonly int[] _suffered = new int[Enum.GetValues<ProxyFault>().Length];
    private readonly Task _accepting;
    private int _accepted;

    private FaultyProxy(Uri server, Func<int, ConnectionPlan> plan, TimeProvider? time)
    {
        _server = new IPEndPoint(IPAddress.Loopback, server.Port);
        _plan = plan;
        Time = time ?? TimeProvider.System;
        _listener.Start();
        Address = new UriBuilder(server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>What to connect to instead of the server.</summary>
    public Uri Address { get; }

    public TimeProvider Time { get; }

    /// <summary>Those that are open, in the order of their accepts; a silent one is open until it is disposed of or cut.</summary>
    public IReadOnlyList<ProxyConnection> Connections => [.. _connections.Keys.OrderBy(c => c.Number)];

    /// <summary>How many connections it has accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Shut: connects are accepted and go no further.</summary>
    internal ProxyGate Connects { get; } = new();

    /// <summary>Starts one in front of a server on this machine.</summary>
    /// <param name="server">Its address; only the port counts.</param>
    /// <param name="plan">What the connection of each number suffers, by <see cref="FaultPlan.For"/>; null: what the test calls for.</param>
    /// <param name="time">The clock of delays.</param>
    public static FaultyProxy Start(Uri server, Func<int, ConnectionPlan>? plan = null, TimeProvider? time = null) =>
        new(server, plan ?? (static _ => ConnectionPlan.Calm), time);

    /// <summary>How many planned faults of that kind have happened.</summary>
    public int Suffered(ProxyFault kind) => Volatile.Read(ref _suffered[(int)kind]);

    /// <summary>From now on nothing passes on any connection, also on later ones, and nothing is closed.</summary>
    public void GoSilent()
    {
        GoSilent(ProxyDirection.ToServer);
        GoSilent(ProxyDirection.ToClient);
    }

    public void GoSilent(ProxyDirection direction) => SilenceOf(direction).Shut();

    /// <summary>Ends what <see cref="GoSilent()"/> began; what was held back passes now.</summary>
    public void Speak()
    {
        SilenceOf(ProxyDirection.ToServer).Open();
        SilenceOf(ProxyDirection.ToClient).Open();
    }

    /// <summary>FIN to both sides of every connection.</summary>
    public void CutAll() => Array.ForEach([.. Connections], static c => c.Cut());

    /// <summary>RST to both sides of every connection.</summary>
    public void ResetAll() => Array.ForEach([.. Connections], static c => c.Reset());

    /// <summary>Connects are accepted from now on, and get no further until <see cref="ReleaseConnects"/>.</summary>
    public void HoldConnects() => Connects.Shut();

    /// <summary>They go on, in no particular order.</summary>
    public void ReleaseConnects() => Connects.Open();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.DefaultTimeout();
        await Task.WhenAll(_connections.Values).DefaultTimeout();
        _stop.Dispose();
    }

    internal ProxyGate SilenceOf(ProxyDirection direction) => _silence[(int)direction];

    internal void Count(ProxyFault kind) => Interlocked.Increment(ref _suffered[(int)kind]);

    internal void GotThrough(ProxyConnection connection)
    {
        foreach (var earlier in _connections.Keys)
        {
            if (earlier.Number < connection.Number)
            {
                earlier.Overtaken();
            }
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var number = Interlocked.Increment(ref _accepted) - 1;
            var connection = new ProxyConnection(this, number, _plan(number), client, _stop.Token);

            // Added before it runs: a connection that is over at once must find itself to take itself out.
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[connection] = done.Task;
            _ = RunAsync(connection, done);
        }
    }

    private async Task RunAsync(ProxyConnection connection, TaskCompletionSource done)
    {
        await connection.RunAsync(_server);
        _connections.TryRemove(connection, out _);
        done.SetResult();
    }
}
