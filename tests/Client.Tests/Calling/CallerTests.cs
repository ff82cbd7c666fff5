using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Switchboard.Client.Tests.Fakes;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Calling;

/// <summary>Tests the responses and errors that a caller gets.</summary>
public class CallerTests
{
    [Fact]
    public async Task A_response_streams_and_its_request_says_what_was_asked()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var asked = new TaskCompletionSource<(AgentRequest Request, bool GrpcTimeout)>(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publish = async (request, stream, context) =>
        {
            asked.SetResult((request, context.Deadline < DateTime.MaxValue));
            await context.WriteResponseHeadersAsync(new Metadata { { "request-id", "00ab" } });
            await stream.WriteAsync(new AgentResponse { Status = 206, Headers = { ["X-A"] = "1" }, Body = ByteString.CopyFromUtf8("one") });
            await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        };
        using var caller = Caller(gateway);
        using var response = await caller.SendAsync("agent-1", "do", "body"u8.ToArray(), new SwitchboardCallOptions
        {
            Timeout = TimeSpan.FromSeconds(7),
            Headers = new Dictionary<string, string> { ["h"] = "v" },
            IdempotencyKey = "mine",
        }).DefaultTimeout();
        Assert.Equal(("00ab", 206, "1"), (response.RequestId, response.Status, response.Headers["x-a"]));
        List<byte[]> parts = [];
        await foreach (var part in response.Body)
        {
            parts.Add(part.ToArray());
        }

        Assert.Equal(["one"u8.ToArray(), "two"u8.ToArray()], parts);
        var (request, grpcTimeout) = await asked.Task.DefaultTimeout();
        Assert.Equal(
            ("mine", "agent-1", "do", "body", "v", 7L),
            (request.Id, request.AgentId, request.Method, request.Body.ToStringUtf8(), request.Headers["h"], request.Timeout.Seconds));
        Assert.False(grpcTimeout);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(0.2, "1")]
    [InlineData(2, "2")]
    [InlineData(60, "60")]
    public async Task A_wait_for_the_agent_is_told_in_whole_seconds(double seconds, string? told)
    {
        await using var gateway = await FakeGateway.StartAsync();
        var asked = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publish = (_, _, context) =>
        {
            asked.SetResult(context.RequestHeaders.GetValue("connect-wait"));
            return Task.CompletedTask;
        };
        using var caller = Caller(gateway);
        var options = new SwitchboardCallOptions { ConnectWait = TimeSpan.FromSeconds(seconds) };
        using var response = await caller.SendAsync("agent-1", "", default, options).DefaultTimeout();
        Assert.Equal(told, await asked.Task.DefaultTimeout());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60.5)]
    public async Task A_wrong_wait_for_the_agent_is_not_sent(double seconds)
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var caller = Caller(gateway);
        var options = new SwitchboardCallOptions { ConnectWait = TimeSpan.FromSeconds(seconds) };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => caller.SendAsync("agent-1", "", default, options).DefaultTimeout());
        Assert.Contains("from zero to 60 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_message_at_all_is_an_empty_200()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var caller = Caller(gateway);
        using var response = await caller.SendAsync("agent-1", "", default).DefaultTimeout();
        Assert.Equal(200, response.Status);
        Assert.Empty(await response.ReadAllAsync(0).DefaultTimeout());
    }

    [Theory]
    [InlineData(StatusCode.NotFound, "agent-offline", "no", false)]
    [InlineData(StatusCode.DeadlineExceeded, "first-message-timeout", "yes", true)]
    [InlineData(StatusCode.Cancelled, "agent-disconnected", "yes", true)]
    [InlineData(StatusCode.Internal, null, null, null)]
    public async Task A_verdict_arrives_with_its_reason_and_whether_it_was_sent(
        StatusCode status, string? reason, string? sent, bool? expected)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (_, _, _) =>
        {
            Metadata trailers = [];
            if (reason is not null)
            {
                trailers = new Metadata { { "switchboard-reason", reason }, { "switchboard-sent", sent! }, { "request-id", "00ab" } };
            }

            throw new RpcException(new Status(status, "the words"), trailers);
        };
        using var caller = Caller(gateway);
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => caller.SendAsync("agent-1", "", default).DefaultTimeout());
        Assert.Equal(
            (status, reason ?? SwitchboardException.UnknownReason, expected, reason is null ? null : "00ab", "the words"),
            (error.StatusCode, error.Reason, error.Sent, error.RequestId, error.Message));
    }

    [Fact]
    public async Task A_response_that_breaks_off_is_never_a_short_one()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = async (_, stream, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "request-id", "00ab" } });
            await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
            Metadata trailers = new() { { "switchboard-reason", "agent-failed" }, { "switchboard-sent", "yes" } };
            throw new RpcException(new Status(StatusCode.Aborted, "x"), trailers);
        };
        using var caller = Caller(gateway);
        using var response = await caller.SendAsync("agent-1", "", default).DefaultTimeout();
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => response.ReadAllAsync(100).DefaultTimeout());
        Assert.Equal(("agent-failed", true, "00ab"), (error.Reason, error.Sent, error.RequestId));
    }

    [Fact]
    public async Task Given_up_before_the_response_it_is_a_cancellation_and_the_gateway_hears_it()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var (arrived, heard) = Hanging(gateway);
        using var caller = Caller(gateway);
        using var giveUp = new CancellationTokenSource();
        var sending = caller.SendAsync("agent-1", "", default, null, giveUp.Token);
        await arrived.DefaultTimeout();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.DefaultTimeout());
        await heard.DefaultTimeout();
    }

    [Fact]
    public async Task Disposing_a_half_read_response_gives_the_rest_up()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var (_, heard) = Hanging(gateway, first: true);
        using var caller = Caller(gateway);
        (await caller.SendAsync("agent-1", "", default).DefaultTimeout()).Dispose();
        await heard.DefaultTimeout();
    }

    [Fact]
    public async Task A_gateway_that_gives_no_verdict_is_not_waited_for_forever()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        var (arrived, _) = Hanging(gateway);
        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = gateway.Address, TimeProvider = time });
        var sending = caller.SendAsync("agent-1", "", default, new SwitchboardCallOptions { Timeout = TimeSpan.FromSeconds(2) });
        await arrived.DefaultTimeout();
        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => sending.DefaultTimeout());
        Assert.Equal((SwitchboardException.GatewaySilent, (bool?)null), (error.Reason, error.Sent));
    }

    [Fact]
    public async Task Once_the_response_has_begun_it_may_last()
    {
        var time = new ManualTimeProvider();
        await using var gateway = await FakeGateway.StartAsync();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publish = async (_, stream, _) =>
        {
            await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
            await go.Task;
            await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        };
        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = gateway.Address, TimeProvider = time });
        var twoSeconds = new SwitchboardCallOptions { Timeout = TimeSpan.FromSeconds(2) };
        using var response = await caller.SendAsync("agent-1", "", default, twoSeconds).DefaultTimeout();
        time.Advance(TimeSpan.FromHours(1));
        go.SetResult();
        Assert.Equal("onetwo"u8.ToArray(), await response.ReadAllAsync(100).DefaultTimeout());
    }

    [Fact]
    public async Task A_body_is_read_once_and_no_longer_than_asked()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (_, stream, _) => stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("four") });
        using var caller = Caller(gateway);
        using var response = await caller.SendAsync("agent-1", "", default).DefaultTimeout();
        await Assert.ThrowsAsync<InvalidDataException>(() => response.ReadAllAsync(3).DefaultTimeout());
        await Assert.ThrowsAsync<InvalidOperationException>(() => response.ReadAllAsync(4).DefaultTimeout());
    }

    [Fact]
    public async Task Where_no_gateway_listens_the_error_says_so()
    {
        var gateway = await FakeGateway.StartAsync();
        var address = gateway.Address;
        await gateway.DisposeAsync();
        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = address });
        var error = await Assert.ThrowsAsync<SwitchboardException>(() => caller.SendAsync("agent-1", "", default).DefaultTimeout());
        Assert.Equal(
            (SwitchboardException.GatewayUnreachable, StatusCode.Unavailable, (bool?)false), (error.Reason, error.StatusCode, error.Sent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_says_nothing_about_whether_the_agent_got_it(bool begun)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = async (_, stream, context) =>
        {
            if (begun)
            {
                await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
            }

            context.GetHttpContext().Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        };
        using var caller = Caller(gateway);
        var error = await Assert.ThrowsAsync<SwitchboardException>(async () =>
        {
            using var response = await caller.SendAsync("agent-1", "", default).DefaultTimeout();
            await response.ReadAllAsync(100).DefaultTimeout();
        });
        Assert.Equal((SwitchboardException.ConnectionLost, (bool?)null), (error.Reason, error.Sent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(601)]
    public async Task A_timeout_out_of_bounds_is_refused_before_anything_is_sent(int seconds)
    {
        using var caller = new SwitchboardCaller(new SwitchboardCallerOptions { Address = new("http://127.0.0.1:1") });
        await Assert.ThrowsAsync<ArgumentException>(
            () => caller.SendAsync("agent-1", "", default, new SwitchboardCallOptions { Timeout = TimeSpan.FromSeconds(seconds) }));
    }

    private static SwitchboardCaller Caller(FakeGateway gateway) => new(new SwitchboardCallerOptions { Address = gateway.Address });

    private static (Task Arrived, Task Heard) Hanging(FakeGateway gateway, bool first = false)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Publish = async (_, stream, context) =>
        {
            if (first)
            {
                await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("one") });
            }

            using var registration = context.CancellationToken.Register(() => heard.TrySetResult());
            arrived.TrySetResult();
            await heard.Task;
        };
        return (arrived.Task, heard.Task);
    }
}
