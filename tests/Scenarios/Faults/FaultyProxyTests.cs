using System.Net;
using System.Net.Sockets;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Faults;

namespace Switchboard.Scenarios.Faults;

/// <summary>The proxy does what its plan and its test say: a suite of faults that never happen would be green.</summary>
public sealed class FaultyProxyTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    private Uri Server => new($"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}");

    public FaultyProxyTests() => _server.Start();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Bytes_pass_both_ways_and_so_do_ends()
    {
        await using var proxy = FaultyProxy.Start(Server);
        var (client, server) = await ConnectAsync(proxy);
        using (client)
        using (server)
        {
            await client.SendAsync("ping"u8.ToArray());
            Assert.Equal("ping", await ReadAsync(server, 4));
            await server.SendAsync("pong"u8.ToArray());
            Assert.Equal("pong", await ReadAsync(client, 4));
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await ReadAsync(server, 1));
            await server.SendAsync("more"u8.ToArray());
            Assert.Equal("more", await ReadAsync(client, 4));
        }

        await Eventually.IsTrueAsync(() => proxy.Connections.Count == 0, () => "the connection is still there");
        Assert.Equal(1, proxy.Accepted);
    }

    [Fact]
    public async Task Silence_keeps_bytes_back_and_closes_nothing()
    {
        await using var proxy = FaultyProxy.Start(Server);
        var (client, server) = await ConnectAsync(proxy);
        using (client)
        using (server)
        {
            proxy.GoSilent(ProxyDirection.ToServer);
            await client.SendAsync("held"u8.ToArray());
            await server.SendAsync("heard"u8.ToArray());
            Assert.Equal("heard", await ReadAsync(client, 5));
            proxy.GoSilent();
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, proxy.Connections[0].Passed(ProxyDirection.ToServer));
            proxy.Speak();
            Assert.Equal("held", await ReadAsync(server, 5));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_planned_end_comes_at_its_byte(bool reset, bool toServer)
    {
        var kind = reset ? ProxyFault.Reset : ProxyFault.Cut;
        var direction = toServer ? ProxyDirection.ToServer : ProxyDirection.ToClient;
        await using var proxy = FaultyProxy.Start(Server, _ => new(TimeSpan.Zero, [new(direction, 3, kind)]));
        var (client, server) = await ConnectAsync(proxy);
        using (client)
        using (server)
        {
            var (from, to) = direction == ProxyDirection.ToServer ? (client, server) : (server, client);
            await from.SendAsync("abc"u8.ToArray());
            Assert.Equal("abc", await ReadAsync(to, 3));
            await from.SendAsync("d"u8.ToArray());
            foreach (var side in new[] { to, from })
            {
                Assert.Equal(reset ? "reset" : "", await ReadAsync(side, 1));
            }
        }

        Assert.Equal(1, proxy.Suffered(kind));
    }

    [Fact]
    public async Task What_trickles_arrives_whole()
    {
        var trickle = new PlannedFault(ProxyDirection.ToServer, 1, ProxyFault.Trickle, Bytes: 50);
        await using var proxy = FaultyProxy.Start(Server, _ => new(TimeSpan.Zero, [trickle]));
        var (client, server) = await ConnectAsync(proxy);
        using (client)
        using (server)
        {
            var text = string.Concat(Enumerable.Range(0, 100));
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(text));
            Assert.Equal(text, await ReadAsync(server, text.Length));
        }
    }

    [Fact]
    public async Task A_held_connect_lets_a_later_one_pass()
    {
        await using var proxy = FaultyProxy.Start(Server, n => new(n == 0 ? TimeSpan.FromHours(1) : TimeSpan.Zero, []));
        using var first = await DialAsync(proxy);
        await Eventually.IsTrueAsync(() => proxy.Accepted == 1, () => "the first was not accepted");
        using var second = await DialAsync(proxy);
        await first.SendAsync("1"u8.ToArray());
        await second.SendAsync("2"u8.ToArray());
        using var accepted = await _server.AcceptSocketAsync().DefaultTimeout();
        Assert.Equal("2", await ReadAsync(accepted, 1));
        using var released = await _server.AcceptSocketAsync().DefaultTimeout();
        Assert.Equal("1", await ReadAsync(released, 1));
    }

    [Fact]
    public void A_seed_gives_every_connection_the_same_faults_again()
    {
        var plan = new FaultPlan(7);
        var drawn = Enumerable.Range(0, 500).Select(plan.For).ToList();
        Assert.Equal(drawn.SelectMany(c => c.Faults), Enumerable.Range(0, 500).Select(new FaultPlan(7).For).SelectMany(c => c.Faults));
        Assert.NotEqual(drawn.SelectMany(c => c.Faults), Enumerable.Range(0, 500).Select(new FaultPlan(8).For).SelectMany(c => c.Faults));
        Assert.Equal(Enum.GetValues<ProxyFault>().Length, drawn.SelectMany(c => c.Faults).Select(f => f.Kind).Distinct().Count());
    }

    private static async Task<Socket> DialAsync(FaultyProxy proxy)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(proxy.Address.Host, proxy.Address.Port).DefaultTimeout();
        return client;
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync(FaultyProxy proxy)
    {
        var client = await DialAsync(proxy);
        return (client, await _server.AcceptSocketAsync().DefaultTimeout());
    }

    // What came until there was so much of it or an end.
    private static async Task<string> ReadAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        var read = 0;
        try
        {
            while (read < count && await socket.ReceiveAsync(buffer.AsMemory(read)).DefaultTimeout() is > 0 and var n)
            {
                read += n;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "reset";
        }

        return System.Text.Encoding.ASCII.GetString(buffer, 0, read);
    }
}
