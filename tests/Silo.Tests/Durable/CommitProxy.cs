using System.Net;
using System.Net.Sockets;
using Npgsql;
using Switchboard.TestSupport;

namespace Switchboard.Silo.Tests.Durable;

/// <summary>A way to a database that can be cut at a COMMIT, fall silent, or be gone.</summary>
internal sealed class CommitProxy : IAsyncDisposable
{
    private readonly string _database;
    private readonly int _server;
    private readonly int _port = FreePorts.Next();
    private readonly List<TcpClient> _open = [];
    private readonly Lock _gate = new();
    private TcpListener? _listener;
    private Func<Task>? _beforeCommit;
    private bool _passes;
    private volatile bool _silent;

    public CommitProxy(string database)
    {
        (_database, _server) = (database, new NpgsqlConnectionStringBuilder(database).Port);
        Open();
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_database) { Host = "127.0.0.1", Port = _port }.ConnectionString;

    /// <summary>Cuts the client off at its next COMMIT, which goes on to the database or not.</summary>
    public void CutAtCommit(bool passes, Func<Task>? before = null) =>
        (_passes, _beforeCommit) = (passes, before ?? (static () => Task.CompletedTask));

    public void GoSilent() => _silent = true;

    public void Open()
    {
        _silent = false;
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public void Close()
    {
        _listener?.Dispose();
        lock (_gate)
        {
            _open.ForEach(static client => client.Dispose());
            _open.Clear();
        }
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                lock (_gate)
                {
                    _open.AddRange([client, server]);
                }

                await server.ConnectAsync(IPAddress.Loopback, _server);
                _ = PassAsync(client, server);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task PassAsync(TcpClient client, TcpClient server)
    {
        var replies = PumpAsync(server, client);
        try
        {
            var buffer = new byte[65_536];
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                // The end of its text belongs to it: there is READ COMMITTED too.
                if (buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _beforeCommit, null) is { } before)
                {
                    client.Dispose();
                    await before();
                    if (_passes)
                    {
                        await server.GetStream().WriteAsync(buffer.AsMemory(0, read));
                        // The end of what the client sends would not undo it; it is done when the server has closed.
                        server.Client.Shutdown(SocketShutdown.Send);
                        await replies;
                    }

                    break;
                }

                if (!_silent)
                {
                    await server.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either side is gone.
        }

        client.Dispose();
        server.Dispose();
    }

    // Reads on where the client is gone: a reply that cannot be sent must not reset the connection before the COMMIT is read.
    private static async Task PumpAsync(TcpClient server, TcpClient client)
    {
        try
        {
            var buffer = new byte[65_536];
            while (await server.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                try
                {
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
                catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
                {
                    // Nobody reads it.
                }
            }

            client.Dispose();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            client.Dispose();
        }
    }
}
