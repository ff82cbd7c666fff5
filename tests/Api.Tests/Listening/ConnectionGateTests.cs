using Microsoft.Extensions.DependencyInjection;
using Switchboard.Api.Hosting;
using Switchboard.Api.Listening;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Listening;

/// <summary>Connections are bounded, and those that ask nothing are closed.</summary>
public sealed class ConnectionGateTests
{
    private const string Ask = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// <summary>What is beyond the limit is closed at once, over both end points; who is in goes on, and a place that is left is free.</summary>
    [Fact]
    public async Task Connections_past_the_limit_are_closed_at_once()
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:MaxConnections=2");
        var gate = host.App.Services.GetRequiredService<ConnectionGate>();
        using var first = await AskAsync(host.Rest);
        using (await AskAsync(host.Rest))
        {
            using var third = await RawConnection.OpenAsync(host.Grpc);
            Assert.Equal("", await third.ReadToEndAsync());
            await first.SendAsync(Ask);
            Assert.Contains("200 OK", await first.ReadUntilAsync("live"), StringComparison.Ordinal);
            Assert.Equal(2, gate.Open);
        }

        await Eventually.IsTrueAsync(() => gate.Open == 1, () => $"{gate.Open} connections are open");
        using var next = await AskAsync(host.Rest);

        var admin = host.App.Services.GetRequiredService<ListenAddresses>().Admin;
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(admin, "/metrics")).DefaultTimeout();
        Assert.Contains("switchboard_admission_refused_total{limit=\"process.connections\"} 1", metrics, StringComparison.Ordinal);
    }

    /// <summary>By option only: a fleet behind one address is one address.</summary>
    [Fact]
    public async Task Connections_of_one_address_are_bounded_where_that_is_asked_for()
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:MaxConnectionsPerAddress=1");
        using (await AskAsync(host.Rest))
        {
            using var second = await RawConnection.OpenAsync(host.Rest);
            Assert.Equal("", await second.ReadToEndAsync());
        }

        var gate = host.App.Services.GetRequiredService<ConnectionGate>();
        await Eventually.IsTrueAsync(() => gate.Open == 0, () => $"{gate.Open} connections are open");
        using var third = await AskAsync(host.Rest);
    }

    /// <summary>An HTTP/2 connection without a request is told GOAWAY and closed; one with a request stays when that is over.</summary>
    [Fact]
    public async Task A_connection_without_a_request_is_closed()
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:RequestHeadersTimeout=1s");
        using var kept = await AskAsync(host.Rest);
        using var preface = await RawConnection.OpenAsync(host.Grpc);
        await preface.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        // RFC 9113, 6.8: a frame of type 7 on stream 0.
        Assert.Contains("\0\0\u0008\u0007\0\0\0\0\0", await preface.ReadToEndAsync(), StringComparison.Ordinal);

        await kept.SendAsync(Ask);
        Assert.Contains("200 OK", await kept.ReadUntilAsync("live"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Max cpu time  unlimited\nMax open files            1024                 524288               files     \n", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("", null)]
    public void The_limit_of_open_files_is_read(string limits, long? limit) => Assert.Equal(limit, OpenFiles.ParseLimit(limits));

    [Fact]
    public void A_limit_that_leaves_no_room_is_named()
    {
        var settings = new ListeningOptions { MaxConnections = 9_999_999 };
        var problems = settings.Validate(new(settings)).Select(r => r.ErrorMessage!).Where(m => m.Contains("Raise the limit of open files", StringComparison.Ordinal));
        Assert.Equal(OpenFiles.Limit < settings.MaxConnections ? 1 : 0, problems.Count());
    }

    private static async Task<RawConnection> AskAsync(Uri address)
    {
        var raw = await RawConnection.OpenAsync(address);
        await raw.SendAsync(Ask);
        Assert.Contains("200 OK", await raw.ReadUntilAsync("live"), StringComparison.Ordinal);
        return raw;
    }
}
