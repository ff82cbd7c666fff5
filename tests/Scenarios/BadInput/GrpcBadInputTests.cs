using System.Globalization;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Listening;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.BadInput;

/// <summary>
/// Every call of the wire contract, with bytes that no gRPC library sends. Each ends with a clear status; the others live.
/// </summary>
public sealed class GrpcBadInputTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>, IDisposable
{
    private const string Publish = "/switchboard.v1.AgentGateway/AgentRequestPublish";
    private const string Subscribe = "/switchboard.v1.AgentGateway/AgentRequestSubscribe";
    private const string ResponseRpc = "/switchboard.v1.AgentGateway/AgentResponsePublish";

    private readonly HttpClient _client = new() { BaseAddress = fixture.Host.Service<ListenAddresses>().Grpc };

    private GatewayHost Host => fixture.Host;

    public void Dispose() => _client.Dispose();

    public static TheoryData<string, byte[], string, StatusCode> Frames => new()
    {
        { "half a head", [0, 0, 0], "", StatusCode.Internal },
        { "half a message", RawRpc.Frame([1, 2, 3], length: 100), "", StatusCode.Internal },
        { "longer than is allowed", RawRpc.Frame([1, 2, 3], length: 64 * 1024 * 1024), "", StatusCode.ResourceExhausted },
        { "compressed, and not said how", RawRpc.Frame([1, 2, 3], flag: 1), "", StatusCode.Internal },
        { "compressed as nobody can", RawRpc.Frame([1, 2, 3], flag: 1), "br", StatusCode.Unimplemented },
        { "not gzip", RawRpc.Frame([1, 2, 3], flag: 1), "gzip", StatusCode.InvalidArgument },
        { "a gzip longer than is allowed", RawRpc.Frame([1, 2, 3], flag: 1, length: uint.MaxValue), "gzip", StatusCode.ResourceExhausted },
        { "half a gzip frame", RawRpc.Frame([1, 2, 3], flag: 1, length: 100), "gzip", StatusCode.Internal },
        { "a bomb", RawRpc.Frame(Packed.Zeros(64 * 1024 * 1024), flag: 1), "gzip", StatusCode.ResourceExhausted },
        { "the other bomb", RawRpc.Frame(Packed.Zeros(64 * 1024 * 1024, "deflate"), flag: 1), "deflate", StatusCode.ResourceExhausted },
        { "a zlib that wants a dictionary", RawRpc.Frame([0x78, 0x20, 1, 2, 3, 4, 5, 6, 7, 8], flag: 1), "deflate", StatusCode.InvalidArgument },
        { "no protobuf", RawRpc.Frame([0xff, 0xff, 0xff]), "", StatusCode.InvalidArgument },
        { "no UTF-8", RawRpc.Frame([0x0a, 2, 0xff, 0xfe, 0x12, 2, 0xff, 0xfe, 0x22, 2, 0xff, 0xfe]), "", StatusCode.InvalidArgument },
        { "a flag that is none", RawRpc.Frame([1, 2, 3], flag: 9), "", StatusCode.InvalidArgument },
        { "a flag that is none, packed", RawRpc.Frame([1, 2, 3], flag: 9), "gzip", StatusCode.InvalidArgument },
        { "half a gzip", RawRpc.Frame(Packed.Of(new AgentRequest { Body = ByteString.CopyFrom(new byte[1000]) }.ToByteArray(), "gzip").AsSpan(..20), flag: 1), "gzip", StatusCode.InvalidArgument },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Broken_frames(string what, byte[] body, string encoding, StatusCode status)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "bad-frames");
        foreach (var rpc in BadRoutes.Rpcs)
        {
            // A response call belongs to a request; what it breaks must be that request at most.
            using var call = TestCall.Start(Host, "bad-frames", timeout: TimeSpan.FromSeconds(20));
            var request = await agent.NextRequestAsync();
            var session = agent.SessionId.ToString(CultureInfo.InvariantCulture);
            List<(string, string)> headers = [("request-id", request.Id), ("session-id", session)];
            if (encoding.Length > 0)
            {
                headers.Add(("grpc-encoding", encoding));
            }

            var end = await RawRpc.CallAsync(_client, rpc, body, headers: [.. headers]);
            Assert.True(end.Status == status, $"{rpc}, {what}: not {status} but {end}");
            Assert.True(end.Detail.Length > 5, $"{rpc}, {what}: it does not say what is wrong: {end}");
            await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("well") });
            var asked = await call.EndAsync();
            Assert.True(asked.Text == "well" || asked.Reason == "too-large", $"{rpc}, {what}: its request ended {asked}");
        }

        await Host.AssertQuietAsync();
    }

    /// <summary>A length beyond all bounds is too long, packed or not. The request lives: nothing says that it was a message.</summary>
    [Theory]
    [InlineData("identity", 0)]
    [InlineData("identity", 1)]
    [InlineData("gzip", 0)]
    [InlineData("gzip", 1)]
    public async Task A_length_that_none_can_have(string encoding, byte flag)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "length");
        using var call = TestCall.Start(Host, "length");
        var request = await agent.NextRequestAsync();
        var session = agent.SessionId.ToString(CultureInfo.InvariantCulture);
        foreach (var rpc in BadRoutes.Rpcs)
        {
            var end = await RawRpc.CallAsync(
                _client, rpc, RawRpc.Frame([1, 2, 3], flag, uint.MaxValue),
                headers: [("request-id", request.Id), ("session-id", session), ("grpc-encoding", encoding)]);
            Assert.Equal((rpc, StatusCode.ResourceExhausted), (rpc, end.Status));
        }

        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("well") });
        Assert.Equal("well", (await call.EndAsync()).Text);
        await Host.AssertQuietAsync();
    }

    /// <summary>Nine digits are one too many; as hours they are beyond what gRPC for .NET can count.</summary>
    [Theory]
    [InlineData("999999999n")]
    [InlineData("999999999H")]
    public async Task A_timeout_of_nine_digits(string timeout)
    {
        var end = await RawRpc.CallAsync(
            _client, Publish, RawRpc.Frame(new AgentRequest { AgentId = "nobody" }.ToByteArray()), headers: ("grpc-timeout", timeout));
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        await Host.AssertQuietAsync();
    }

    /// <summary>What reads as no time is no deadline, as gRPC has it.</summary>
    [Theory]
    [InlineData("x")]
    [InlineData("-1S")]
    public async Task A_timeout_that_is_none(string timeout)
    {
        var end = await RawRpc.CallAsync(
            _client, Publish, RawRpc.Frame(new AgentRequest { AgentId = "nobody" }.ToByteArray()), headers: ("grpc-timeout", timeout));
        Assert.Equal("agent-offline", end.Reason);
        await Host.AssertQuietAsync();
    }

    /// <summary>Packed, and within the limit: served as ever.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task What_is_packed_honestly_is_taken(string encoding)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "packed");
        _ = agent.EchoAsync();
        var message = new AgentRequest { AgentId = "packed", Body = ByteString.CopyFrom(new byte[4_000_000]) };
        byte[] body = [.. RawRpc.Frame(Packed.Of(message.ToByteArray(), encoding), flag: 1)];
        var end = await RawRpc.CallAsync(_client, Publish, body, headers: ("grpc-encoding", encoding));
        Assert.Equal(StatusCode.OK, end.Status);
        end = await RawRpc.CallAsync(_client, Publish, RawRpc.Frame(message.ToByteArray()), headers: ("grpc-encoding", encoding));
        Assert.Equal(StatusCode.OK, end.Status);
        await Host.AssertQuietAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    public async Task Another_content_type(string contentType)
    {
        foreach (var rpc in BadRoutes.Rpcs)
        {
            var end = await RawRpc.CallAsync(_client, rpc, RawRpc.Frame([]), contentType);
            var unsupported = end.Http is HttpStatusCode.UnsupportedMediaType or HttpStatusCode.NotFound;
            var refused = unsupported || end.Status == StatusCode.Unimplemented;
            Assert.True(refused, $"{rpc}: {end}");
        }

        var unknown = await RawRpc.CallAsync(_client, "/switchboard.v1.AgentGateway/Nothing", RawRpc.Frame([]));
        Assert.Equal(StatusCode.Unimplemented, unknown.Status);
        await Host.AssertQuietAsync();
    }

    public static TheoryData<string, string> Fields => new()
    {
        { "agent_id", new('x', 129) }, { "agent_id", "" }, { "agent_id", "a\u0001b" }, { "agent_id", "ä" },
        { "agent_id", "a/b" }, { "agent_id", "events" }, { "method", new('x', 257) }, { "method", "a\r\nb" },
        { "id", new('x', 256) }, { "id", "a\0b" }, { "timeout", "0" }, { "timeout", "-1" }, { "timeout", "1000000" },
        { "headers", "name" }, { "headers", "value" }, { "headers", "many" }, { "headers", "long" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_request_and_what_is_no_field_of_it(string field, string value)
    {
        string Of(string name, string otherwise = "") => field == name ? value : otherwise;
        var message = new AgentRequest { AgentId = Of("agent_id", "nobody"), Method = Of("method"), Id = Of("id") };
        switch (field, value)
        {
            case ("timeout", _):
                message.Timeout = new() { Seconds = long.Parse(value, CultureInfo.InvariantCulture) };
                break;
            case ("headers", "name"):
                message.Headers["a b"] = "x";
                break;
            case ("headers", "value"):
                message.HeaderList.Add(new Header { Name = "x", Value = "a\nb" });
                break;
            case ("headers", "many"):
                message.HeaderList.AddRange(Enumerable.Range(0, 1000).Select(i => new Header { Name = $"x{i}", Value = "" }));
                break;
            case ("headers", "long"):
                message.Headers["x"] = new string('x', 100_000);
                break;
        }

        var end = await RawRpc.CallAsync(_client, Publish, RawRpc.Frame(message.ToByteArray()));
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        Assert.Contains(field.TrimEnd('s'), end.Detail, StringComparison.Ordinal);
        if (field == "agent_id")
        {
            end = await RawRpc.CallAsync(_client, Subscribe, RawRpc.Frame(new SubscriberInfo { AgentId = value }.ToByteArray()));
            Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        }

        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task A_subscriber_and_what_is_no_field_of_it()
    {
        SubscriberInfo[] infos =
        [
            new() { AgentId = "s", SoftwareVersion = new('x', 129) }, new() { AgentId = "s", SoftwareVersion = "a\0" },
            new() { AgentId = "s", Labels = { [""] = "x" } }, new() { AgentId = "s", Labels = { [new string('x', 129)] = "x" } },
            new() { AgentId = "s", Labels = { ["x"] = new string('x', 257) } }, new() { AgentId = "s", Labels = { ["x"] = "a\r\n" } },
        ];
        var many = new SubscriberInfo { AgentId = "s" };
        for (var i = 0; i < 1000; i++)
        {
            many.Labels[$"x{i}"] = "";
        }

        foreach (var info in infos.Append(many))
        {
            var end = await RawRpc.CallAsync(_client, Subscribe, RawRpc.Frame(info.ToByteArray()));
            Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (end.Status, end.Reason));
        }

        // Bytes that are no UTF-8 in a string field.
        var broken = await RawRpc.CallAsync(_client, Subscribe, RawRpc.Frame([0x0a, 2, 0xff, 0xfe]));
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (broken.Status, broken.Reason));
        await Host.AssertQuietAsync();
    }

    [Theory]
    [InlineData("", StatusCode.Unauthenticated)]
    [InlineData("x", StatusCode.NotFound)]
    [InlineData("0001000000000000", StatusCode.NotFound)]
    [InlineData("000100000000000000000000000000000000000000000000", StatusCode.NotFound)]
    public async Task A_response_to_what_nobody_asked(string requestId, StatusCode status)
    {
        (string, string)[] headers = requestId.Length > 0 ? [("request-id", requestId)] : [];
        Assert.Equal(status, (await RawRpc.CallAsync(_client, ResponseRpc, RawRpc.Frame([]), headers: headers)).Status);
        Assert.Equal(status, (await RawRpc.CallAsync(_client, ResponseRpc, [], headers: headers)).Status);
        await Host.AssertQuietAsync();
    }

    /// <summary>More headers than Kestrel takes end the call or its connection, and no other one.</summary>
    [Fact]
    public async Task A_thousand_headers()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "beside-headers");
        _ = agent.EchoAsync();
        foreach (var rpc in BadRoutes.Rpcs)
        {
            (string, string)[] many = [.. Enumerable.Range(0, 1000).Select(i => ($"x-{i}", "x"))];
            foreach (var headers in new[] { many, [("x", new string('x', 60_000))] })
            {
                var error = await Record.ExceptionAsync(() => RawRpc.CallAsync(_client, rpc, RawRpc.Frame([]), headers: headers));
                Assert.IsType<HttpRequestException>(error);
                Assert.Equal("well", (await TestCall.RunAsync(Host, "beside-headers", "well")).Text);
            }
        }

        await Host.AssertQuietAsync();
    }
}
