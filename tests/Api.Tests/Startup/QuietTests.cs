using System.Text;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Startup;

/// <summary>What the program that people run prints, in a process of its own.</summary>
public sealed class QuietTests
{
    /// <summary>
    /// The banner at the start, a line when an agent comes and one when it goes, and nothing of requests, of refusals, or of the stop.
    /// </summary>
    [UnixFact]
    public async Task The_program_prints_its_banner_and_who_comes_and_goes()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        using var rest = new HttpClient { BaseAddress = gateway.Rest };
        await using (var agent = await TestAgent.ConnectAsync(gateway.Channel, "quiet"))
        {
            _ = agent.EchoAsync();
            Assert.Equal("200 ping", await PostAsync(rest, "v1/agents/quiet/requests?method=x", "ping"));
        }

        Assert.StartsWith("503 ", await PostAsync(rest, "v1/agents/absent/requests?method=x", ""), StringComparison.Ordinal);
        Assert.StartsWith("202 ", await PostAsync(rest, "v1/agents/absent/requests?method=x&ttl=1s", "", prefer: "respond-async"), StringComparison.Ordinal);
        Assert.StartsWith("400 ", await PostAsync(rest, "v1/agents/-bad-/requests", ""), StringComparison.Ordinal);
        Assert.StartsWith("404 ", await PostAsync(rest, "nowhere", ""), StringComparison.Ordinal);
        Assert.Equal("200 SUCCESS create \"hi\"", await PostAsync(rest, "echo", """{"kind":"create","message":"hi"}"""));
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.ExitAsync());

        var (http, grpc) = (gateway.Rest.GetLeftPart(UriPartial.Authority), gateway.Grpc.GetLeftPart(UriPartial.Authority));
        Assert.Collection(
            gateway.Lines,
            line => Assert.Equal("Switchboard 0.1.0", line),
            line => Assert.Equal($"  REST   {http}", line),
            line => Assert.Equal($"  gRPC   {grpc}", line),
            line => Assert.Matches(@"^  admin  http://127\.0\.0\.1:\d+/dashboard$", line),
            line => Assert.Equal("Try, in two other terminals:", line),
            line => Assert.Equal($"  SWITCHBOARD_URL={http} SWITCHBOARD_GRPC_URL={grpc} ./switchboard agent --id my-agent", line),
            line => Assert.Equal($"  SWITCHBOARD_URL={http} SWITCHBOARD_GRPC_URL={grpc} ./switchboard call my-agent greet --body hello", line),
            line => Assert.Equal("Ctrl+C stops it.", line),
            line => Assert.Matches(@"^info: Switchboard\.Api\.Sessions\.SessionLog\[1000\] Agent default/quiet is connected: session [0-9a-f]{12}, connect \d+\.$", line),
            line => Assert.Matches(@"^info: Switchboard\.Api\.Sessions\.SessionLog\[1001\] Session [0-9a-f]{12} of agent default/quiet is over: agent-gone\.$", line));
    }

    private static async Task<string> PostAsync(HttpClient rest, string path, string body, string prefer = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (prefer.Length > 0)
        {
            request.Headers.Add("Prefer", prefer);
        }

        using var response = await rest.SendAsync(request).DefaultTimeout();
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync().DefaultTimeout()}";
    }
}
