using Switchboard.Api.Listening;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.BadInput;

/// <summary>Bytes that are no protocol at all, and HTTP/2 frames that break its rules: the connection ends, the process lives.</summary>
public sealed class NoiseTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private GatewayHost Host => fixture.Host;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Noise(int seed)
    {
        var random = new Random(seed);
        await using var agent = await TestAgent.ConnectAsync(Host, "beside-noise");
        _ = agent.EchoAsync();
        for (var i = 0; i < 100; i++)
        {
            var noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            var prefix = random.Next(3) switch
            {
                0 => "",
                1 => Preface,
                _ => "POST /echo HTTP/1.1\r\nHost: x\r\n",
            };
            await SendAsync(i % 2 == 0 ? Host.Rest : Host.Service<ListenAddresses>().Grpc, prefix, noise, cut: true);
        }

        Assert.Equal("well", (await TestCall.RunAsync(Host, "beside-noise", "well")).Text);
        await RawResponse.AssertServesAsync(Host);
    }

    // RFC 9113, 4.1: three bytes of length, one of type, one of flags, four of stream.
    [Theory]
    [InlineData("a frame longer than was agreed", new byte[] { 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1 })]
    [InlineData("data on a stream that never began", new byte[] { 0, 0, 1, 0, 0, 0, 0, 0, 5, 1 })]
    [InlineData("headers on stream 0", new byte[] { 0, 0, 1, 1, 4, 0, 0, 0, 0, 0x82 })]
    [InlineData("a header block that is none", new byte[] { 0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff })]
    [InlineData("a window of nothing", new byte[] { 0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("a window beyond all bounds", new byte[] { 0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff })]
    [InlineData("half of the settings", new byte[] { 0, 0, 3, 4, 0, 0, 0, 0, 0, 1, 2, 3 })]
    [InlineData("a continuation of nothing", new byte[] { 0, 0, 1, 9, 4, 0, 0, 0, 1, 0x82 })]
    [InlineData("a promise by a client", new byte[] { 0, 0, 4, 5, 4, 0, 0, 0, 1, 0, 0, 0, 2 })]
    public async Task Frames_that_break_the_rules(string what, byte[] frame)
    {
        // An empty SETTINGS first, as every client must.
        var response = await SendAsync(Host.Service<ListenAddresses>().Grpc, Preface, [0, 0, 0, 4, 0, 0, 0, 0, 0, .. frame], cut: false);
        Assert.True(HasGoAway(response), $"{what}: the connection ended without GOAWAY");
        await RawResponse.AssertServesAsync(Host);
    }

    private static bool HasGoAway(string response)
    {
        for (var i = 0; i + 9 <= response.Length;)
        {
            if (response[i + 3] == 7)
            {
                return true;
            }

            i += 9 + (response[i] << 16) + (response[i + 1] << 8) + response[i + 2];
        }

        return false;
    }

    private static async Task<string> SendAsync(Uri server, string prefix, byte[] bytes, bool cut)
    {
        using var raw = await RawConnection.OpenAsync(server);
        try
        {
            await raw.SendAsync(prefix);
            await raw.SendAsync(bytes);
            if (cut)
            {
                raw.Finish();
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // It was closed before it had all.
        }

        return await raw.ReadToEndAsync();
    }
}
