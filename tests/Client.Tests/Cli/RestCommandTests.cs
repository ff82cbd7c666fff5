using Microsoft.AspNetCore.Http;
using Switchboard.Cli.CommandLine;
using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Cli;

public class RestCommandTests
{
    private const string TwoAgents = """
        {"agents":[{"agentId":"a-long-name","status":"online","lastSeen":"2026-01-02T03:04:05Z",
        "labels":{"room":"lab","floor":"2"},"softwareVersion":"1.2"},
        {"agentId":"b","status":"offline"}],"cursor":"b+"}
        """;

    [Fact]
    public async Task Agents_are_a_table_and_json_where_it_is_asked_for()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["GET /v1/agents"] = context =>
            context.Response.WriteAsync(context.Request.Query["cursor"] == "b+" ? """{"agents":[]}""" : TwoAgents);
        var table = await CliRun.RunAsync(["agents"], gateway);
        Assert.Equal(
            """
            AGENT        STATUS   LAST SEEN             VERSION  LABELS
            a-long-name  online   2026-01-02T03:04:05Z  1.2      room=lab,floor=2
            b            offline
            There are more:  switchboard agents --cursor b+

            """,
            table.Out);
        var json = await CliRun.RunAsync(["agents", "--json"], gateway);
        Assert.Equal(ExitCode.Success, json.Code);
        Assert.Contains("\"agentId\": \"a-long-name\"", json.Out, StringComparison.Ordinal);
        Assert.StartsWith("No agents.", (await CliRun.RunAsync(["agents", "--cursor", "b+"], gateway)).Out, StringComparison.Ordinal);
    }

    /// <summary>The id is one segment of the path, whatever it contains; the gateway checks it.</summary>
    [Fact]
    public async Task An_agent_is_kicked()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["DELETE /v1/agents/a-1/sessions"] = context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        var run = await CliRun.RunAsync(["agents", "kick", "a-1"], gateway);
        Assert.Equal(new CliRun(ExitCode.Success, "agent a-1 is not connected any more\n", ""), run);
        Assert.Equal(ExitCode.Failed, (await CliRun.RunAsync(["agents", "kick", "x/../a-1"], gateway)).Code);
        Assert.Equal(ExitCode.Usage, (await CliRun.RunAsync(["agents", "kick"], gateway)).Code);
    }

    [Fact]
    public async Task Echo_prints_the_outcome_and_sends_what_was_typed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["POST /echo"] = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.ContentType} {await reader.ReadToEndAsync()}");
        };
        var run = await CliRun.RunAsync(["echo", "create", "a b"], gateway);
        Assert.Equal(new CliRun(ExitCode.Success, "application/json; charset=utf-8 {\"kind\":\"create\",\"message\":\"a b\"}\n", ""), run);
    }

    [Theory]
    [InlineData(429, """{"title":"x","reason":"overloaded","detail":"it is full"}""", ExitCode.Failed, "overloaded: it is full")]
    [InlineData(504, """{"reason":"expired-unsent"}""", ExitCode.Timeout, "expired-unsent")]
    [InlineData(500, "<html>", ExitCode.Failed, "answered 500")]
    public async Task Problems_are_told_in_the_gateways_words(int status, string body, int code, string words)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["POST /echo"] = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
        var run = await CliRun.RunAsync(["echo", "create", "x"], gateway);
        Assert.Equal(code, run.Code);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_shown_and_its_id_cannot_leave_its_place_in_the_path()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["GET /v1/requests/00ab"] = context => context.Response.WriteAsync("""{"state":"ended"}""");
        Assert.Contains("\"state\": \"ended\"", (await CliRun.RunAsync(["requests", "00ab"], gateway)).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await CliRun.RunAsync(["requests", "../requests/00ab"], gateway)).Code);
    }

    [Fact]
    public async Task The_front_doors_of_a_cluster_are_listed()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["GET /v1/cluster"] = context => context.Response.WriteAsync(
            """{"frontDoors":[{"number":7,"name":"box/12","peerAddress":"10.0.0.1:8082","sessions":3,"isThis":true},{"number":9,"name":"box/13","sessions":0}]}""");
        var run = await CliRun.RunAsync(["cluster"], gateway);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(@"(?m)^7 +box/12 +3 +10\.0\.0\.1:8082 +asked here", run.Out);
        Assert.Matches(@"(?m)^9 +box/13 +0 +-", run.Out);
        Assert.Contains("\"number\": 7", (await CliRun.RunAsync(["cluster", "--json"], gateway)).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>hello</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task What_is_not_a_gateway_is_called_that(string body)
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Rest["GET /v1/agents"] = context => context.Response.WriteAsync(body);
        var run = await CliRun.RunAsync(["agents"], gateway);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("not a Switchboard gateway", run.Error, StringComparison.Ordinal);
    }
}
