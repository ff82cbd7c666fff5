using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>R6: messages with nothing in them take memory too, so a caller that does not read holds their agent up.</summary>
public sealed class EmptyMessagesTests : IAsyncLifetime
{
    // What flow control may let go before an agent stands: its own window and the caller's (128 KiB and 64 KiB on either side of the
    // gateway, and buffers of about the same), in messages of five bytes on the wire, and 256 KiB by what they cost in between.
    private const int MostUnread = 500_000;

    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task An_agent_that_floods_a_caller_that_does_not_read_is_held(int bytes)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "flood");
        var call = new TestCall(Host.NewClient(), TestCall.Request("flood"));
        var request = await agent.NextRequestAsync();
        using var response = agent.OpenResponse(request.Id);
        var message = new AgentResponse { Body = ByteString.CopyFrom(new byte[bytes]) };
        var written = 0;
        var flood = FloodAsync();
        await Eventually.IsTrueAsync(() => Host.Limits.Bytes.Charged >= 262_144, () => $"{Host.Limits.Bytes.Charged} bytes are held, {written} messages written");
        await call.NextAsync();

        // It stands, and what it has brought is bounded, in the ledger and in its count.
        for (var before = -1; before != Volatile.Read(ref written);)
        {
            before = Volatile.Read(ref written);
            for (var i = 0; i < 100; i++)
            {
                await TestCall.RunAsync(Host, "nobody");
            }
        }

        Assert.False(flood.IsCompleted, $"{written} messages were taken of an agent whose caller does not read");
        Assert.InRange(Host.Limits.Bytes.Charged, 262_144 - 1024, 262_144 + 1024);

        // Its caller goes, and nothing is left.
        call.Dispose();
        await flood.DefaultTimeout();
        await Host.AssertQuietAsync();

        async Task FloodAsync()
        {
            try
            {
                for (; written < MostUnread; Interlocked.Increment(ref written))
                {
                    await response.RequestStream.WriteAsync(message);
                }
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                // The gateway ended the call.
            }
        }
    }

    /// <summary>One that reads gets them all.</summary>
    [Fact]
    public async Task A_caller_that_reads_gets_all_of_them()
    {
        const int Messages = 10_000;
        await using var agent = await TestAgent.ConnectAsync(Host, "many");
        var call = TestCall.Start(Host, "many");
        var request = await agent.NextRequestAsync();
        var responded = agent.RespondAsync(request.Id, [.. Enumerable.Repeat(new AgentResponse(), Messages)]);
        Assert.Equal((StatusCode.OK, Messages), (await call.EndAsync() is var end ? end.Status : default, end.Messages.Count));
        Assert.Equal(StatusCode.OK, await responded);
        await Host.AssertQuietAsync();
    }
}
