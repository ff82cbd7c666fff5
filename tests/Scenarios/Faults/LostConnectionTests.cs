using Switchboard.Api.Listening;
using Switchboard.Client;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Faults;

namespace Switchboard.Scenarios.Faults;

/// <summary>What the storm found, one by one.</summary>
public sealed class LostConnectionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>The write throws what HttpClient throws, not what gRPC does; it ended the whole agent.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_breaks_under_a_write_ends_one_response_and_not_the_agent(bool reset)
    {
        var name = reset ? "reset-under-write" : "cut-under-write";
        await using var proxy = FaultyProxy.Start(Host.Service<ListenAddresses>().Grpc);
        using var stop = new CancellationTokenSource();
        var thrown = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions
            {
                Address = proxy.Address,
                AgentId = name,
                MinReconnectDelay = TimeSpan.FromMilliseconds(1),
                MaxReconnectDelay = TimeSpan.FromMilliseconds(1),
            },
            async (request, response, cancelled) =>
            {
                try
                {
                    for (var part = new byte[64 * 1024]; request.Method == "long";)
                    {
                        // Without the token: it fires at the same moment, and it is the write that is asked.
                        await response.WriteAsync(part, CancellationToken.None);
                    }

                    await response.WriteAsync("back"u8.ToArray(), cancelled);
                }
                catch (Exception e)
                {
                    thrown.TrySetResult(e);
                    throw;
                }
            });
        var running = agent.RunAsync(stop.Token);
        await Eventually.IsTrueAsync(() => Host.Sessions.All.Any(s => s.Agent.AgentId == name), () => "not connected");
        var message = TestCall.Request(name);
        message.Method = "long";
        var call = new TestCall(Host.Client, message);
        await call.NextAsync();
        var ended = call.EndAsync();
        if (reset)
        {
            proxy.ResetAll();
        }
        else
        {
            proxy.CutAll();
        }

        Assert.IsType<OperationCanceledException>(await thrown.Task.DefaultTimeout());
        Assert.Equal("agent-failed", (await ended).Reason);
        await Eventually.IsTrueAsync(() => proxy.Accepted == 2 && Host.Sessions.All.Any(s => s.Agent.AgentId == name), () => "not back");
        var end = await Eventually.IsThereAsync(
            async () => await TestCall.RunAsync(Host, name) is { Reason: null } answered ? answered : null, "a response of the new session");
        Assert.Equal("back", end.Text);
        await stop.CancelAsync();
        await running.DefaultTimeout();
        await Host.AssertQuietAsync();
    }

    /// <summary>A caller that goes while it sends its body is no fault of the gateway's: it was logged as two errors.</summary>
    [Fact]
    public async Task A_caller_that_is_reset_in_the_middle_of_its_body_is_no_error()
    {
        await using var proxy = FaultyProxy.Start(Host.Rest);
        for (var i = 0; i < 20; i++)
        {
            using var raw = await RawConnection.OpenAsync(proxy.Address);
            await raw.SendAsync(
                "POST /v1/agents/nobody/requests HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
            // Kestrel says this when the body is first read for.
            await raw.ReadUntilAsync("100 Continue");
            await raw.SendAsync(new string('x', 1000));
            proxy.ResetAll();
            Assert.Equal("", await raw.ReadToEndAsync());
        }

        await Host.AssertQuietAsync();
    }
}
