using System.Diagnostics;
using System.Globalization;
using System.Text;
using Switchboard.Cli.CommandLine;
using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Cli;

public class AgentCommandTests
{
    [Fact]
    public async Task It_sends_the_body_back_and_a_stop_ends_it_well()
    {
        var (run, responses, session) = await ServeAsync([], ["hello"]);
        Assert.Equal(["hello"], responses);
        Assert.Equal("lab", session.Info.Labels["room"]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("agent agent-1 is connected", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_streamed_one_a_message()
    {
        var (_, responses, _) = await ServeAsync(["--stream", "3", "--every", "1"], ["x"]);
        Assert.Equal(["1 of 3\n|2 of 3\n|3 of 3\n"], responses);
    }

    [UnixFact]
    public async Task A_command_gets_the_body_and_its_output_is_the_response()
    {
        var (_, responses, _) = await ServeAsync(["--exec", "printf '%s:' \"$SWITCHBOARD_METHOD\"; tr a-z A-Z"], ["hello", ""]);
        Assert.Equal(["m:HELLO", "m:"], responses.Select(a => a.Replace("|", "", StringComparison.Ordinal)));
    }

    [UnixTheory]
    [InlineData("exit 3")]
    [InlineData("echo begun; exit 3")]
    public async Task A_command_that_fails_makes_the_request_fail(string command)
    {
        // A body that the command does not read, and that no pipe holds, must not hang either.
        var (_, responses, _) = await ServeAsync(["--exec", command], [new string('x', 1 << 20)]);
        Assert.EndsWith("error: the command ended with exit code 3", Assert.Single(responses), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_command_whose_request_is_given_up_is_killed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var stop = new CancellationTokenSource();
        var run = CliRun.RunAsync(["agent", "--id", "agent-1", "--exec", "echo $$; sleep 1000"], gateway, stop: stop.Token);
        var session = await gateway.NextSessionAsync();
        session.Request("r1");
        var pid = int.Parse((await (await gateway.NextResponseAsync()).NextAsync()).Body.ToStringUtf8(), CultureInfo.InvariantCulture);
        using var process = Process.GetProcessById(pid);
        session.Cancel("r1");
        await process.WaitForExitAsync().DefaultTimeout();
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, (await run).Code);
    }

    [Fact]
    public async Task Displaced_it_ends_with_an_error()
    {
        await using var gateway = await FakeGateway.StartAsync();
        var run = CliRun.RunAsync(["agent", "--id", "agent-1"], gateway);
        var session = await gateway.NextSessionAsync();
        session.GoAway("displaced");
        session.End();
        Assert.Equal(ExitCode.Failed, (await run).Code);
        Assert.Contains("displaced: Another process", (await run).Error, StringComparison.Ordinal);
    }

    private static async Task<(CliRun Run, List<string> Responses, FakeSession Session)> ServeAsync(string[] behaviour, string[] bodies)
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var stop = new CancellationTokenSource();
        var run = CliRun.RunAsync(["agent", "--id", "agent-1", "--label", "room=lab", .. behaviour], gateway, stop: stop.Token);
        var session = await gateway.NextSessionAsync();
        List<string> responses = [];
        for (var i = 0; i < bodies.Length; i++)
        {
            session.Request(string.Create(CultureInfo.InvariantCulture, $"r{i}"), bodies[i]);
            var text = new StringBuilder();
            foreach (var message in await (await gateway.NextResponseAsync()).AllAsync())
            {
                text.Append(text.Length > 0 ? "|" : "").Append(message.Body.ToStringUtf8());
                text.Append(message.Error.Length > 0 ? "error: " + message.Error : "");
            }

            responses.Add(text.ToString());
        }

        await stop.CancelAsync();
        return (await run, responses, session);
    }
}
