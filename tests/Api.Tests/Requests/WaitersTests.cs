using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>Who waits holds no thread.</summary>
public sealed class WaitersTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>
    /// A14: a thousand callers wait at once, on a machine with a handful of pool threads. Had each held one, the pool would need minutes
    /// to grow to so many, and every wait here is bounded by far less. Meanwhile another agent's caller gets its response; then all of them.
    /// </summary>
    [Fact]
    public async Task A_thousand_waiters_keep_nobody_from_moving()
    {
        const int waiters = 1000;
        await using var slow = await TestAgent.ConnectAsync(Host, "waiters-slow");
        await using var quick = await TestAgent.ConnectAsync(Host, "waiters-quick");
        _ = quick.EchoAsync();
        var calls = Enumerable.Range(0, waiters).Select(i => TestCall.RunAsync(Host, "waiters-slow", i.ToString(CultureInfo.InvariantCulture))).ToArray();
        List<AgentRequest> arrived = [];
        while (arrived.Count < waiters)
        {
            arrived.Add(await slow.NextRequestAsync());
        }

        Assert.All(calls, c => Assert.False(c.IsCompleted));
        var meanwhile = await TestCall.RunAsync(Host, "waiters-quick", "hello");
        Assert.Equal((StatusCode.OK, "hello"), (meanwhile.Status, meanwhile.Text));

        await Task.WhenAll(arrived.Select(r => slow.RespondAsync(r.Id, new AgentResponse { Body = ByteString.CopyFrom(r.Body.Span) })));
        for (var i = 0; i < waiters; i++)
        {
            var end = await calls[i];
            Assert.Equal((StatusCode.OK, i.ToString(CultureInfo.InvariantCulture)), (end.Status, end.Text));
        }

        await Host.AssertQuietAsync();
    }
}
