using System.Globalization;
using System.Text.RegularExpressions;
using Switchboard.Api.Telemetry;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>Requests by verdict: each is counted once, by how it ended, whether it was let in or not.</summary>
public sealed class VerdictCountTests
{
    [Fact]
    public async Task Every_request_counts_once_under_its_verdict()
    {
        await using var host = await GatewayHost.StartAsync(null, null, ("Switchboard:Requests:MaxMessageBytes", "1024"));
        await using var agent = await TestAgent.ConnectAsync(host, "counted");
        _ = agent.EchoAsync();
        await TestCall.RunAsync(host, "counted", "one");
        await TestCall.RunAsync(host, "counted", "two");
        await TestCall.RunAsync(host, "counted", new string('x', 2000));
        await TestCall.RunAsync(host, "nobody", "three");
        await TestCall.RunAsync(host, "counted", timeout: TimeSpan.FromHours(1));

        var counts = Regex.Matches(host.Service<PrometheusExporter>().Render(), "switchboard_request_duration_seconds_count\\{outcome=\"([^\"]+)\"\\} (\\d+)")
            .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.Equal(
            new Dictionary<string, int> { ["answered"] = 2, ["too-large"] = 1, ["agent-offline"] = 1, ["bad-request"] = 1 }, counts);
    }
}
