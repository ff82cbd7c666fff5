using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>R6: a slow caller delays no other caller of the same agent, and a response's memory is bounded.</summary>
public sealed class StalledCallerTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const int MessageBytes = 64 * 1024;
    private const int Messages = 64;

    private GatewayHost Host => fixture.Host;

    /// <summary>Twelve callers stop reading; on one connection of one agent, another gets its response meanwhile. Then they read on: all bytes are there.</summary>
    [Fact]
    public async Task Twelve_that_stop_reading_beside_one_that_does_not()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "stalled-callers");
        _ = agent.ServeAsync(r => r.Body.IsEmpty
            ? agent.RespondAsync(r.Id, [.. Enumerable.Range(0, Messages).Select(Message)])
            : agent.RespondAsync(r.Id, new AgentResponse { Body = r.Body }));

        // A connection each: the callers' own windows are not what is tested.
        var stalled = Enumerable.Range(0, 12).Select(_ => new TestCall(Host.NewClient(), TestCall.Request("stalled-callers"))).ToList();
        foreach (var call in stalled)
        {
            await call.NextAsync();
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"quick {i}", (await TestCall.RunAsync(Host, "stalled-callers", $"quick {i}")).Text);
        }

        Assert.InRange(Host.Limits.Bytes.Charged, 1, stalled.Count * (262_144 + MessageBytes + 1024));
        var ends = await Task.WhenAll(stalled.Select(c => c.EndAsync()));
        Assert.All(ends, end =>
        {
            Assert.Equal((StatusCode.OK, Messages), (end.Status, end.Messages.Count));
            Assert.All(end.Messages, (m, i) => Assert.Equal(Message(i).Body, m.Body));
        });
        await Host.AssertQuietAsync();
    }

    private static AgentResponse Message(int i)
    {
        var body = new byte[MessageBytes];
        Array.Fill(body, (byte)i);
        return new AgentResponse { Body = ByteString.CopyFrom(body) };
    }
}
