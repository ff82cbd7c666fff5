using Grpc.Core;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>R6: an agent is read no faster than its caller reads, whatever the length; and nobody else waits for that.</summary>
public sealed class PacedResponseTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>, IDisposable
{
    private const int Megabyte = 1024 * 1024;

    // What one response may hold here: the window, and the one message that overdraws it, with what gRPC's serialisation adds.
    private const int HeldBound = 262_144 + LongResponses.MessageBytes + 64;

    // The caller's own stack reads ahead of it: 16 MiB is as far as SocketsHttpHandler lets a stream's window grow, and the kernel's
    // buffers of a loopback connection grow to about 10. The gateway's own part is the held bytes and two windows of 128 KiB.
    private const int ReadAhead = 20 * Megabyte;

    private readonly HttpClient _rest = new() { BaseAddress = fixture.Host.Rest };

    private GatewayHost Host => fixture.Host;

    public void Dispose() => _rest.Dispose();

    [Theory]
    [InlineData("grpc")]
    [InlineData("rest")]
    public async Task A_caller_that_stops_after_1_MiB_of_256(string protocol)
    {
        const int Messages = 256 * Megabyte / LongResponses.MessageBytes;
        var name = "paced-" + protocol;
        await using var agent = await LongResponses.ConnectAsync(Host, name);
        await using var other = await LongResponses.ConnectAsync(Host, "other-" + name);
        using var caller = Caller(protocol, name, Messages);
        await caller.ReadAsync(Megabyte);

        var still = await WhenItStandsStillAsync(agent);
        Assert.InRange(await HeldAsync(), 1, HeldBound);
        Assert.InRange(still - caller.Read, 1, ReadAhead);
        for (var i = 0; i < 20; i++)
        {
            await AskAllAsync(name, "other-" + name);
        }

        Assert.Equal(still, agent.Written);
        Assert.InRange(await HeldAsync(), 1, HeldBound);

        var read = await caller.ReadToEndAsync();
        Assert.Equal(256L * Megabyte, caller.Read);
        Assert.Equal((StatusCode.OK, read), await agent.All[caller.RequestId].Ended.DefaultTimeout());
        await Host.AssertQuietAsync();
    }

    /// <summary>80 calls of one caller's connection and 20 over REST; all responses come over the one connection of their agent.</summary>
    [Fact]
    public async Task A_hundred_that_stop_reading_delay_nobody()
    {
        const int OverGrpc = 80, OverRest = 20;
        await using var agent = await LongResponses.ConnectAsync(Host, "hundred");
        await using var other = await LongResponses.ConnectAsync(Host, "beside-hundred");
        var client = Host.NewClient();
        List<LongCaller> callers =
        [
            .. Enumerable.Range(0, OverGrpc).Select(_ => LongCaller.OverGrpc(client, "hundred", messages: 24)),
            .. Enumerable.Range(0, OverRest).Select(_ => Caller("rest", "hundred", messages: 128)),
        ];
        await Task.WhenAll(callers.Select(c => c.ReadAsync(1)));

        var still = await WhenItStandsStillAsync(agent);
        Assert.Equal(callers.Count, Host.Requests.Count);
        Assert.InRange(await HeldAsync(), callers.Count, callers.Count * (long)HeldBound);
        for (var i = 0; i < 20; i++)
        {
            await AskAllAsync("hundred", "beside-hundred");
            Assert.Equal("quick", (await new TestCall(client, TestCall.Request("hundred")).EndAsync()).Text);
        }

        Assert.Equal(still, agent.Written);
        var read = await Task.WhenAll(callers.Select(c => c.ReadToEndAsync()));
        var written = await Task.WhenAll(callers.Select(c => agent.All[c.RequestId].Ended.DefaultTimeout()));
        Assert.Equal(read, written.Select(w => w.Hash));
        callers.ForEach(c => c.Dispose());
        await Host.AssertQuietAsync();
    }

    private LongCaller Caller(string protocol, string agent, int messages) =>
        protocol == "grpc" ? LongCaller.OverGrpc(Host.NewClient(), agent, messages) : LongCaller.OverRest(_rest, agent, messages);

    private async Task AskAllAsync(params string[] agents)
    {
        foreach (var agent in agents)
        {
            Assert.Equal("quick", (await TestCall.RunAsync(Host, agent)).Text);
            using var response = await _rest.PostAsync(new Uri($"/v1/agents/{agent}/requests", UriKind.Relative), null).DefaultTimeout();
            Assert.Equal("quick", await response.Content.ReadAsStringAsync().DefaultTimeout());
        }
    }

    // That nothing moves cannot be waited for. So: the windows are full, and while ten other calls go the whole way nothing is written,
    // three times over: the kernel lets a connection's buffers grow a little later than they fill.
    private async Task<long> WhenItStandsStillAsync(LongResponses agent)
    {
        const int Rounds = 3;
        for (var still = 0; ;)
        {
            var before = agent.Written;
            var responses = agent.All.Keys.Select(id => Convert.ToUInt64(id, 16)).ToList();
            await Eventually.IsTrueAsync(() => responses.TrueForAll(IsShut), () => "not all callers' streams are shut");
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal("quick", (await TestCall.RunAsync(Host, agent.AgentId)).Text);
            }

            still = before == agent.Written ? still + 1 : 0;
            if (still == Rounds)
            {
                return before;
            }
        }
    }

    private bool IsShut(ulong id) => Host.Requests.TryFind(id, out var live) && live.IsCallersTurn;

    // As an operator reads it.
    private async Task<long> HeldAsync() => (long)await _rest.MetricAsync("switchboard_answers_held_bytes");
}
