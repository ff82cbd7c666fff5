using System.Diagnostics;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>The one <c>/metrics</c>: ours, and what the gateway is made of, as Prometheus reads it.</summary>
public sealed class MetricsPageTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    public static TheoryData<string> Series => new()
    {
        "switchboard_sessions 1",
        "dotnet_process_memory_working_set_bytes ",
        "dotnet_process_cpu_time_seconds_total{cpu_mode=\"user\"} ",
        "dotnet_gc_collections_total{gc_heap_generation=\"gen2\"} ",
        "dotnet_gc_pause_time_seconds_total ",
        "dotnet_thread_pool_thread_count",
        "dotnet_thread_pool_queue_length",
        "kestrel_active_connections{",
        "http_server_request_duration_seconds_bucket{url_scheme=\"http\",http_request_method=\"POST\",network_protocol_version=\"2\",http_response_status_code=\"200\",http_route=\"/switchboard.v1.AgentGateway/AgentRequestPublish\",le=\"0.005\"} ",
        "orleans_catalog_activations{grain_type=\"agent\"} ",
        "orleans_app_requests_latency_seconds_count ",
        "grpc_server_calls_current ",
        "grpc_server_messages_sent_total ",
    };

    [Theory]
    [MemberData(nameof(Series))]
    public async Task It_shows_what_the_gateway_is_made_of(string line)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "page");
        _ = agent.EchoAsync();
        await TestCall.RunAsync(Host, "page", "hi");

        // gRPC's counters come once a second.
        await Eventually.IsThereAsync(
            async () => await PageAsync() is { } page && page.Contains("\n" + line, StringComparison.Ordinal) ? page : null, line);
    }

    /// <summary>Prometheus' own parser takes it, and its lint finds nothing to say of our own names.</summary>
    [PromtoolFact]
    public async Task Prometheus_can_read_it()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "parsed");
        _ = agent.EchoAsync();
        await TestCall.RunAsync(Host, "parsed", "hi");
        await TestCall.RunAsync(Host, "nobody", "hi");

        using var promtool = Process.Start(new ProcessStartInfo(PromtoolFactAttribute.Program, "check metrics") { RedirectStandardInput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(await PageAsync());
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync().DefaultTimeout();
        await promtool.WaitForExitAsync().DefaultTimeout();

        // 3: lint has something to say, of names that are not ours. 1: it is not the format.
        Assert.True(promtool.ExitCode is 0 or 3, said);
        Assert.DoesNotContain("switchboard_", said, StringComparison.Ordinal);
    }

    private async Task<string> PageAsync()
    {
        using var client = new HttpClient { BaseAddress = Host.Rest };
        return await client.GetStringAsync("/metrics").DefaultTimeout();
    }
}

/// <summary>A test that needs Prometheus' own <c>promtool</c> (Debian's package <c>prometheus</c>).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public const string Program = "promtool";

    public PromtoolFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip = Array.Exists(folders, f => File.Exists(Path.Combine(f, Program))) ? null : "needs promtool, of the package prometheus";
    }
}
