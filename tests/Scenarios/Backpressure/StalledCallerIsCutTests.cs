using Google.Protobuf;
using Grpc.Core;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>R4: a caller that takes nothing for the idle time is cut, over either protocol; the others of its connection are not.</summary>
public sealed class StalledCallerIsCutTests : IAsyncLifetime
{
    private const int Messages = 512;

    private readonly ManualTimeProvider _time = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartAsync(_time);

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Theory]
    [InlineData("grpc")]
    [InlineData("rest")]
    public async Task Left_standing_it_is_cut_and_only_it(string protocol)
    {
        await using var agent = await LongResponses.ConnectAsync(Host, "cut");
        await using var slow = await TestAgent.ConnectAsync(Host, "slow");
        using var rest = new HttpClient { BaseAddress = Host.Rest };
        var client = Host.NewClient();
        using var stalled = protocol == "grpc" ? LongCaller.OverGrpc(client, "cut", Messages) : LongCaller.OverRest(rest, "cut", Messages);
        await stalled.ReadAsync(1);
        var id = stalled.RequestId;
        await WhenItIsTheCallersTurnForGoodAsync(agent, id);

        // Beside it, on the same connection where it is gRPC, a response that moves all the time.
        using var moving = new TestCall(client, TestCall.Request("slow"));
        using var response = slow.OpenResponse((await slow.NextRequestAsync()).Id);
        for (var second = 0; second < 60; second += 5)
        {
            await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8($"{second} ") });
            await moving.NextAsync();
            Assert.True(Host.Requests.TryFind(Convert.ToUInt64(id, 16), out _), $"cut after {second} s");

            // So that no session is due a heartbeat: one that is begun in a step of this clock hangs, by the same clock, at its end.
            Assert.Equal("quick", (await TestCall.RunAsync(Host, "cut")).Text);
            using var touch = TestCall.Start(Host, "slow");
            await slow.RespondAsync((await slow.NextRequestAsync()).Id);
            await touch.EndAsync();
            _time.Advance(TimeSpan.FromSeconds(4.975));
        }

        await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("60") });
        await moving.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        // Its agent is told at once; the caller cannot be told, and must not take what it has for all.
        Assert.Equal(StatusCode.Cancelled, (await agent.All[id].Ended.DefaultTimeout()).Status);
        Assert.True(RequestId.TryParse(id, out var requestId));
        Assert.Equal(Verdict.Stalled, Host.Requests.Describe(requestId)!.Verdict);
        var error = await Record.ExceptionAsync(stalled.ReadToEndAsync);
        Assert.True(error is RpcException or IOException, $"a short response looked like a whole one: {error}");
        Assert.True(stalled.Read < (long)Messages * LongResponses.MessageBytes);

        await response.RequestStream.CompleteAsync();
        Assert.Equal("0 5 10 15 20 25 30 35 40 45 50 55 60", (await moving.EndAsync()).Text);
        Assert.Equal("quick", (await new TestCall(client, TestCall.Request("cut")).EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    // The turn changes with each part that is still taken; once calls beside it go through and nothing is written, it is the last.
    private async Task WhenItIsTheCallersTurnForGoodAsync(LongResponses agent, string id)
    {
        for (var before = -1L; before != agent.Written;)
        {
            before = agent.Written;
            await Eventually.IsTrueAsync(
                () => Host.Requests.TryFind(Convert.ToUInt64(id, 16), out var live) && live.IsCallersTurn,
                () => "the caller still takes what comes");
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal("quick", (await TestCall.RunAsync(Host, agent.AgentId)).Text);
            }
        }
    }
}
