using Google.Protobuf;
using Grpc.Core;
using Switchboard.Cli.CommandLine;
using Switchboard.Client.Tests.Fakes;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Cli;

public class CallCommandTests
{
    [Fact]
    public async Task The_response_goes_to_standard_output_and_the_rest_to_standard_error()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = async (request, stream, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "request-id", "00ab" } });
            await stream.WriteAsync(new AgentResponse { Headers = { ["x-h"] = request.Headers["a"] }, Body = request.Body });
            await stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("!" + request.Method) });
        };
        var run = await CliRun.RunAsync(["call", "agent-1", "shout", "--body", "hi", "--header", "a: b=c", "-v"], gateway);
        Assert.Equal((ExitCode.Success, "hi!shout"), (run.Code, run.Out));
        Assert.All(["request-id: 00ab", "status: 200", "x-h: b=c"], line => Assert.Contains(line, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_can_come_from_standard_input_and_without_v_standard_error_is_quiet()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (request, stream, _) => stream.WriteAsync(new AgentResponse { Body = request.Body });
        var run = await CliRun.RunAsync(["call", "agent-1", "--body-file", "-"], gateway, input: "from a pipe");
        Assert.Equal(new CliRun(ExitCode.Success, "from a pipe", ""), run);
    }

    [Fact]
    public async Task A_wait_for_the_agent_is_asked_for()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (_, stream, context) =>
            stream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8(context.RequestHeaders.GetValue("connect-wait") ?? "none") });
        Assert.Equal("60", (await CliRun.RunAsync(["call", "agent-1", "--connect-wait", "1m"], gateway)).Out);
        Assert.Equal("none", (await CliRun.RunAsync(["call", "agent-1"], gateway)).Out);
    }

    [Fact]
    public async Task Another_status_is_another_exit_code_and_its_body_is_shown_all_the_same()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var notHere = new AgentResponse { Status = 404, Body = ByteString.CopyFromUtf8("not here") };
        gateway.Publish = (_, stream, _) => stream.WriteAsync(notHere);
        var run = await CliRun.RunAsync(["call", "agent-1"], gateway);
        Assert.Equal((ExitCode.NonSuccessStatus, "not here"), (run.Code, run.Out));
        Assert.Contains("404", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.NotFound, "agent-offline", "no", ExitCode.AgentUnavailable, "trying again is safe")]
    [InlineData(StatusCode.NotFound, "agent-unknown", "no", ExitCode.AgentUnavailable, "never got it")]
    [InlineData(StatusCode.DeadlineExceeded, "first-message-timeout", "yes", ExitCode.Timeout, "may have done it")]
    [InlineData(StatusCode.DeadlineExceeded, "expired-unsent", "no", ExitCode.Timeout, "trying again is safe")]
    [InlineData(StatusCode.Cancelled, "agent-disconnected", "yes", ExitCode.Failed, "agent-disconnected")]
    [InlineData(StatusCode.InvalidArgument, "bad-request", "no", ExitCode.Failed, "never got it.\n")]
    public async Task Each_verdict_has_its_exit_code_and_says_whether_to_try_again(
        StatusCode status, string reason, string sent, int code, string words)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (_, _, _) => throw new RpcException(
            new Status(status, "words"), new Metadata { { "switchboard-reason", reason }, { "switchboard-sent", sent } });
        var run = await CliRun.RunAsync(["call", "agent-1"], gateway);
        Assert.Equal(code, run.Code);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Output_that_cannot_be_written_is_one_line_and_an_exit_code()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Publish = (request, stream, _) => stream.WriteAsync(new AgentResponse { Body = request.Body });
        await using var full = new FileStream("/dev/full", new FileStreamOptions { Access = FileAccess.Write, Mode = FileMode.Open, BufferSize = 0 });
        var run = await CliRun.RunAsync(["call", "agent-1", "--body", "hi"], gateway, full: full);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.StartsWith("switchboard: cannot write the output: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_gateway_listens_it_says_where_it_looked_and_how_to_start_one()
    {
        var gateway = await FakeGateway.StartAsync();
        await gateway.DisposeAsync();
        foreach (var (args, address) in new[] { (new[] { "call", "agent-1" }, gateway.Address), (["agents"], gateway.RestAddress) })
        {
            var run = await CliRun.RunAsync(args, gateway);
            Assert.Equal(ExitCode.Failed, run.Code);
            Assert.Contains(address.ToString(), run.Error, StringComparison.Ordinal);
            Assert.Contains("dotnet run --project src/Silo", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("call")]
    [InlineData("call", "a", "--body", "x", "--body-file", "y")]
    [InlineData("call", "a", "--header", "nothing")]
    [InlineData("call", "a", "--timeout", "soon")]
    [InlineData("call", "a", "--timeout", "11m")]
    [InlineData("call", "a", "--timeout", "0")]
    [InlineData("call", "a", "--timeout", "0.0000000001s")]
    [InlineData("call", "a", "--connect-wait", "61")]
    [InlineData("call", "a", "--body-file", "/no/such/file")]
    [InlineData("agents", "--url", "nowhere")]
    [InlineData("agent")]
    [InlineData("agent", "--id", "a", "--exec", "x", "--stream", "1")]
    [InlineData("agent", "--id", "a", "--stream", "-1")]
    [InlineData("agent", "--id", "not an id")]
    [InlineData("echo", "update", "x")]
    [InlineData("no-such-command")]
    public async Task A_wrong_command_line_says_so_and_sends_nothing(params string[] args)
    {
        var run = await CliRun.RunAsync(args);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.StartsWith("switchboard: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("agent")]
    [InlineData("call")]
    [InlineData("agents")]
    [InlineData("requests")]
    [InlineData("cluster")]
    [InlineData("echo")]
    public async Task Help_has_examples_and_exit_codes(params string[] command)
    {
        var run = await CliRun.RunAsync([.. command, "--help"]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("Examples:", run.Out, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", run.Out, StringComparison.Ordinal);
    }
}
