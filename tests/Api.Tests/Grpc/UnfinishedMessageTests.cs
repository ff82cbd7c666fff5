using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Api.Listening;
using Switchboard.Core.Admission;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Grpc;

/// <summary>
/// Messages that begin and do not end: 400 of 4 MB on one connection held 1.6 GB, which nobody counted, for ever.
/// </summary>
public sealed class UnfinishedMessageTests : IAsyncLifetime, IDisposable
{
    private const string Publish = "/switchboard.v1.AgentGateway/AgentRequestPublish";
    private const string Subscribe = "/switchboard.v1.AgentGateway/AgentRequestSubscribe";
    private const string ResponseRpc = "/switchboard.v1.AgentGateway/AgentResponsePublish";
    private const string Reflection = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
    private const int Long = 4_000_000;
    private static readonly TimeSpan _justBefore = TimeSpan.FromSeconds(29.9);
    private static readonly TimeSpan _andAfter = TimeSpan.FromSeconds(0.2);

    private readonly ManualTimeProvider _time = new();
    private readonly HttpClient _client = new();
    private GatewayHost? _host;

    private GatewayHost Host => _host!;

    private ByteBudget Bytes => Host.Limits.Bytes;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync(_time, settings: ("Switchboard:Admission:MaxBytesHeld", $"{8 << 20}"));
        _client.BaseAddress = Host.Service<ListenAddresses>().Grpc;
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    public void Dispose() => _client.Dispose();

    /// <summary>Whatever the call, packed or not, and wherever the message stops, in its head too.</summary>
    [Theory]
    [InlineData(Publish, 100_000)]
    [InlineData(Publish, 3)]
    [InlineData(Publish, 10)]
    [InlineData(Publish, 100_000, "gzip")]
    [InlineData(Subscribe, 100_000)]
    [InlineData(Reflection, 100_000)]
    [InlineData(Reflection, 2)]
    public async Task A_request_that_stops(string rpc, int bytes, string encoding = "identity")
    {
        using var call = new OpenRpc(_client, rpc, ("grpc-encoding", encoding));
        await call.SendAsync(RawRpc.Frame(new byte[Math.Max(0, bytes - 5)], length: Long)[..bytes]);
        await HeldAsync(bytes);
        await CutAsync(call, bytes);
    }

    [Fact]
    public async Task A_response_that_stops()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "stops");
        var asked = TestCall.Start(Host, "stops", timeout: TimeSpan.FromMinutes(5));
        var request = await agent.NextRequestAsync();
        using (var first = OpenResponse(agent, request.Id))
        {
            await first.SendAsync(RawRpc.Frame(new byte[100_000], length: Long));
            await Eventually.IsTrueAsync(() => Bytes.Charged == 100_005, () => $"{Bytes.Charged} bytes are charged");
            await CutAsync(first, 100_005);
        }

        // The caller has got nothing of it, so that the agent may try again.
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("well") });
        Assert.Equal("well", (await asked.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_message_that_trickles()
    {
        using var call = new OpenRpc(_client, Publish);
        await call.SendAsync(RawRpc.Frame(new byte[6000], length: Long));
        await HeldAsync(6005);
        _time.Advance(TimeSpan.FromSeconds(5.8));
        Assert.Equal(6005, Bytes.Acquired);
        await call.SendAsync(new byte[1000]);
        await HeldAsync(7005);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7005, Bytes.Acquired);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var end = await call.End.DefaultTimeout();
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        Assert.Contains("more slowly than 1024 bytes a second", end.Detail, StringComparison.Ordinal);
        await Host.AssertQuietAsync();
    }

    /// <summary>An agent may think as long as its request lasts, and each message has a time of its own.</summary>
    [Fact]
    public async Task Between_messages_there_is_no_limit()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "thinks");
        var asked = TestCall.Start(Host, "thinks", timeout: TimeSpan.FromMinutes(9));
        var request = await agent.NextRequestAsync();
        using var response = OpenResponse(agent, request.Id);
        var message = RawRpc.Frame(new AgentResponse { Body = ByteString.CopyFrom(new byte[200_000]) }.ToByteArray());
        await AdvanceAsync(TimeSpan.FromMinutes(2));
        for (var i = 1; i <= 3; i++)
        {
            await response.SendAsync(message[..100_000]);
            await Eventually.IsTrueAsync(() => Bytes.Charged == 100_000, () => $"{Bytes.Charged} bytes are charged");
            await AdvanceAsync(TimeSpan.FromSeconds(20));
            await response.SendAsync(message[100_000..]);
            Assert.Equal(200_000, (await asked.NextAsync()).Body.Length);
            await Eventually.IsTrueAsync(() => Bytes.Charged == 0, () => $"{Bytes.Charged} bytes are charged");
            await AdvanceAsync(TimeSpan.FromSeconds(35));
        }

        response.Complete();
        Assert.Equal(StatusCode.OK, (await response.End.DefaultTimeout()).Status);
        Assert.Equal(StatusCode.OK, (await asked.EndAsync()).Status);
        await Host.AssertQuietAsync();
    }

    /// <summary>gRPC hands out the one message of a call only when the caller has ended its stream.</summary>
    [Fact]
    public async Task A_whole_message_whose_stream_does_not_end()
    {
        using var call = new OpenRpc(_client, Publish);
        var frame = RawRpc.Frame(new AgentRequest { AgentId = "nobody", Body = ByteString.CopyFrom(new byte[Long]) }.ToByteArray());
        await call.SendAsync(frame);
        // Its last piece is with the parser, and counted no more. How long that is depends on how it came in.
        const long Least = Long - 200_000;
        await Eventually.IsTrueAsync(() => Bytes.Acquired > Least, () => $"{Bytes.Acquired} bytes are held");
        await CutAsync(call, Least, frame.Length);
    }

    [Fact]
    public async Task More_than_may_be_held()
    {
        using var first = new OpenRpc(_client, Publish);
        using var second = new OpenRpc(_client, Subscribe);
        await first.SendAsync(RawRpc.Frame(new byte[Long], length: Long + 1));
        await second.SendAsync(RawRpc.Frame(new byte[Long], length: Long + 1));
        await HeldAsync(2 * (Long + 5));
        using var third = new OpenRpc(_client, Publish);
        await third.SendAsync(RawRpc.Frame(new byte[Long], length: Long + 1));
        var refused = await third.End.DefaultTimeout();
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded"), (refused.Status, refused.Reason));
        Assert.Contains("8388608 (process.bytes)", refused.Detail, StringComparison.Ordinal);
        await HeldAsync(2 * (Long + 5));
        await CutAsync(first, 2 * (Long + 5));
        Assert.Equal(StatusCode.InvalidArgument, (await second.End.DefaultTimeout()).Status);
        Assert.Equal("agent-offline", (await TestCall.RunAsync(Host, "nobody", new string('x', Long))).Reason);
        await Eventually.IsTrueAsync(() => NativeBlock.Allocated == 0, () => $"{NativeBlock.Allocated} bytes are not freed");
    }

    /// <summary>What is unfinished takes all that it may, and a whole short request is served beside it.</summary>
    [Fact]
    public async Task Unfinished_ones_leave_room_for_whole_ones()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "short");
        _ = agent.EchoAsync();
        using var first = new OpenRpc(_client, Publish);
        using var second = new OpenRpc(_client, Publish);
        await first.SendAsync(RawRpc.Frame(new byte[Long], length: Long + 1));
        await second.SendAsync(RawRpc.Frame(new byte[Long], length: Long + 1));
        await HeldAsync(2 * (Long + 5));
        // It would fit, but not beside what is left free.
        const int More = 300_000;
        Assert.True(Bytes.Acquired + More < Bytes.Capacity);
        using var third = new OpenRpc(_client, Publish);
        await third.SendAsync(RawRpc.Frame(new byte[More], length: Long));
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded"), ((await third.End.DefaultTimeout()).Status, (await third.End).Reason));
        await HeldAsync(2 * (Long + 5));

        // All that parts may take is taken.
        var taken = 0;
        while (Bytes.TryAcquirePart(64))
        {
            taken += 64;
        }

        Assert.Equal("hello", (await TestCall.RunAsync(Host, "short", "hello")).Text);
        Bytes.Release(taken);
        await CutAsync(first, 2 * (Long + 5));
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle()
    {
        for (var i = 0; i < 3; i++)
        {
            using (var call = new OpenRpc(_client, Publish))
            {
                await call.SendAsync(RawRpc.Frame(new byte[100_000], length: Long));
                await HeldAsync(100_005);
            }

            await Host.AssertQuietAsync();
            await Eventually.IsTrueAsync(() => NativeBlock.Allocated == 0, () => $"{NativeBlock.Allocated} bytes are not freed");
        }
    }

    private OpenRpc OpenResponse(TestAgent agent, string requestId) => new(
        _client, ResponseRpc, ("request-id", requestId), ("session-id", agent.SessionId.ToString(CultureInfo.InvariantCulture)));

    private Task HeldAsync(long bytes) => Eventually.IsTrueAsync(() => Bytes.Acquired == bytes, () => $"{Bytes.Acquired} bytes are held, not {bytes}");

    // At the end of its 30 s, or for so few bytes of its 5 s, and not before.
    private Task CutAsync(OpenRpc call, long bytes) => CutAsync(call, bytes, bytes);

    private async Task CutAsync(OpenRpc call, long bytes, long atMost)
    {
        var isShort = bytes < 5 * 1024;
        await AdvanceAsync(_justBefore - TimeSpan.FromSeconds(isShort ? 25 : 0));
        Assert.InRange(Bytes.Acquired + Bytes.Charged, bytes, atMost);
        _time.Advance(_andAfter);
        var end = await call.End.DefaultTimeout();
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        Assert.Contains(isShort ? "more slowly than 1024" : "not whole within 30 s", end.Detail, StringComparison.Ordinal);
        await Eventually.IsTrueAsync(() => Bytes.Acquired + Bytes.Charged == 0, () => $"{Bytes.Acquired} and {Bytes.Charged} bytes are held");
    }

    // In steps in which a heartbeat gets to its agent.
    private async Task AdvanceAsync(TimeSpan by)
    {
        var step = TimeSpan.FromSeconds(5);
        for (; by > step; by -= step)
        {
            await Host.AdvanceAsync(_time, step);
        }

        await Host.AdvanceAsync(_time, by);
    }
}
