using System.Net;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary>Many at once ask for what is not there, and each is told so: none of them meets a fault of the gateway.</summary>
public sealed class NobodyThereTests
{
    private const int Callers = 200;

    [Fact]
    public async Task Callers_of_an_agent_that_was_never_seen()
    {
        await using var host = await RestHost.StartAsync();
        var responses = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => host.Client.PostAsync(Relative("/v1/agents/nobody/requests"), null))).DefaultTimeout();
        foreach (var response in responses)
        {
            var problem = await response.ProblemAsync(HttpStatusCode.ServiceUnavailable, "agent-offline");
            Assert.False(problem.GetProperty("sent").GetBoolean());
        }
    }

    [Fact]
    public async Task Callers_that_wait_for_one()
    {
        await using var host = await RestHost.StartAsync();
        var responses = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => host.Client.PostAsync(Relative("/v1/agents/nobody/requests?connect-wait=1"), null))).DefaultTimeout();
        foreach (var response in responses)
        {
            await response.ProblemAsync(HttpStatusCode.ServiceUnavailable, "agent-offline");
        }
    }

    [Fact]
    public async Task Look_ups_of_one_id_and_kicks_of_one_agent()
    {
        await using var host = await RestHost.StartAsync();
        var number = (await host.Client.PostAsync(Relative("/v1/agents/nobody/requests"), null).DefaultTimeout()).Headers.GetValues("Request-Id").Single();
        var unknown = number[..4] + "ffffffffffff";
        var lookUps = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => host.Client.GetAsync(Relative($"/v1/requests/{unknown}"))));
        var kicks = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => host.Client.DeleteAsync(Relative("/v1/agents/nobody/sessions"))));
        Assert.All(await lookUps.DefaultTimeout(), static response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.All(await kicks.DefaultTimeout(), static response => Assert.Equal(HttpStatusCode.NoContent, response.StatusCode));
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}
