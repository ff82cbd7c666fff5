using Switchboard.TestSupport;

namespace Switchboard.Scenarios.BadInput;

/// <summary>H5: clients that send so slowly that they would hold a connection for ever. They are told; others are served.</summary>
public sealed class SlowClientTests : IAsyncLifetime
{
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    public async Task InitializeAsync() =>
        _host = await GatewayHost.StartAsync(settings: [("Switchboard:Listen:RequestHeadersTimeout", "1s")]);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A byte now and then: no pause is long, and the whole has a limit all the same.</summary>
    [Fact]
    public async Task Headers_that_trickle()
    {
        var heads = BadRoutes.All.Select(r => $"{r.Method} {r.Target("a")} HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        var responses = await Task.WhenAll(heads.Select(h => TrickleAsync(h)));
        Assert.All(responses, a => Assert.StartsWith("HTTP/1.1 408 ", a.Text, StringComparison.Ordinal));
        await RawResponse.AssertServesAsync(Host);
    }

    /// <summary>Kestrel's rate, 240 bytes a second after 5 s, which is switched off for gRPC and on for these. Takes those 5 s.</summary>
    [Fact]
    public async Task Bodies_that_trickle()
    {
        var routes = BadRoutes.All.Where(r => r.ReadsBody).ToList();
        string[] lengths = ["Content-Length: 10000", "Transfer-Encoding: chunked"];
        var trickling = Task.WhenAll(routes.SelectMany(r => lengths.Select(async length =>
        {
            var chunk = length.StartsWith('T') ? "1\r\nx\r\n" : "x";
            var head = $"{r.Method} {r.Target("nobody")} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{length}\r\n\r\n";
            var response = await TrickleAsync(head, chunk);
            response.Is(r, length, 400);
            Assert.Contains("too slowly", response.Text, StringComparison.Ordinal);
        })));
        while (!trickling.IsCompleted)
        {
            (await RawResponse.SendAsync(Host, BadRoutes.Echo, "/echo")).Is(BadRoutes.Echo, "beside slow ones", 200);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        await trickling;
        await RawResponse.AssertServesAsync(Host);
    }

    /// <summary>By the rate alone, an average, who has sent 100 kB might be silent for seven minutes; the fault storm found it.</summary>
    [Fact]
    public async Task Bodies_that_stop_halfway()
    {
        var time = new ManualTimeProvider();
        await using var host = await GatewayHost.StartAsync(time);
        foreach (var route in BadRoutes.All.Where(r => r.ReadsBody))
        {
            using var raw = await RawConnection.OpenAsync(host.Rest);
            await raw.SendAsync($"{route.Method} {route.Target("nobody")} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
            await raw.SendAsync($"Content-Length: 200000\r\n\r\n{new string('x', 100_000)}");
            var held = host.Limits.Bytes;

            // What came with the head is in the connection's buffer; held, and waited for, is what follows.
            await Eventually.IsThereAsync(
                async () =>
                {
                    await raw.SendAsync("x");
                    return held.Acquired >= 100_000 ? held : null;
                },
                "the body's bytes in the books");
            time.Advance(TimeSpan.FromSeconds(14));
            Assert.InRange(held.Acquired, 100_000, 199_999);

            // Not one step of 2 s: the books may have been seen before the pause of the last byte began to count.
            var response = raw.ReadUntilAsync("Nothing of the body came for 15 s.");
            await Eventually.IsThereAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    return Task.FromResult(response.IsCompleted ? response : null);
                },
                "a response");
            Assert.StartsWith("HTTP/1.1 400 ", await response, StringComparison.Ordinal);
            await host.AssertQuietAsync();
        }
    }

    // Sends that, and then a little again and again for as long as the server reads.
    private async Task<RawResponse> TrickleAsync(string head, string more = "x")
    {
        using var raw = await RawConnection.OpenAsync(Host.Rest);
        await raw.SendAsync(head);
        var response = raw.ReadToEndAsync();
        try
        {
            while (!response.IsCompleted)
            {
                await raw.SendAsync(more);
                await Task.WhenAny(response, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
            }
        }
        catch (IOException)
        {
            // Closed; what it said before, it said.
        }

        return new RawResponse(await response);
    }
}
