using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Listening;

/// <summary>Ports, limits of connections, health, metrics and the description of the API.</summary>
public sealed class AddressTests
{
    /// <summary>H10: loopback unless told otherwise, and health and metrics are there.</summary>
    [Fact]
    public async Task Listens_on_loopback_and_says_how_it_is()
    {
        await using var host = await RestHost.StartAsync();

        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(host.Rest.Host)));
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(host.Grpc.Host)));
        Assert.Contains("live", await GetAsync(host, "/health/live"), StringComparison.Ordinal);
        Assert.Contains("ready", await GetAsync(host, "/health/ready"), StringComparison.Ordinal);
        Assert.Equal(0, await host.MetricAsync("switchboard_requests_pending"));
        Assert.Equal(0, await host.MetricAsync("switchboard_sessions"));
    }

    [Fact]
    public async Task Unknown_paths_are_not_found_and_wrong_methods_say_what_works()
    {
        await using var host = await RestHost.StartAsync();

        using var nothing = await host.Client.GetAsync(new Uri("/echo/", UriKind.Relative)).DefaultTimeout();
        using var nowhere = await host.Client.GetAsync(new Uri("/v2/agents", UriKind.Relative)).DefaultTimeout();
        using var wrong = await host.Client.PutAsync(new Uri("/v1/requests/0001000000000000", UriKind.Relative), null).DefaultTimeout();

        await nowhere.ProblemAsync(HttpStatusCode.NotFound, "not-found");
        Assert.NotEqual(HttpStatusCode.OK, nothing.StatusCode);
        await wrong.ProblemAsync(HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        Assert.Equal(["DELETE", "GET", "HEAD"], wrong.Content.Headers.Allow.Order());
        Assert.NotEmpty(wrong.Headers.GetValues("Request-Id"));
    }

    [Fact]
    public async Task Every_route_is_described_with_its_problems()
    {
        await using var host = await RestHost.StartAsync();

        var document = JsonDocument.Parse(await GetAsync(host, "/openapi/v1.json")).RootElement.GetProperty("paths");

        string[] expected =
        [
            "/echo", "/health/live", "/health/ready", "/metrics", "/v1/agents", "/v1/agents/{id}", "/v1/agents/{id}/requests",
            "/v1/agents/{id}/sessions", "/v1/cluster", "/v1/requests/{rid}", "/v1/requests/{rid}/response",
        ];
        Assert.Equal(expected, document.EnumerateObject().Select(static p => p.Name).Order(StringComparer.Ordinal));
        var send = document.GetProperty("/v1/agents/{id}/requests").GetProperty("post");
        var offline = send.GetProperty("responses").GetProperty("503").GetProperty("description").GetString();
        Assert.Contains("agent-offline", offline, StringComparison.Ordinal);
        Assert.Contains(send.GetProperty("parameters").EnumerateArray(), static p => p.GetProperty("name").GetString() == "Prefer");
    }

    /// <summary>H5: a client that does not finish its headers is not waited for.</summary>
    [Fact]
    public async Task Headers_that_do_not_come_end_the_connection()
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:RequestHeadersTimeout=1s");
        using var raw = await RawConnection.OpenAsync(host.Rest);

        await raw.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nX-Slow: ");

        Assert.StartsWith("HTTP/1.1 408", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>H5: nor one that says nothing at all.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_ends_the_connection(bool grpc)
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:RequestHeadersTimeout=1s");
        using var raw = await RawConnection.OpenAsync(grpc ? host.Grpc : host.Rest);

        // Over HTTP/2 with a GOAWAY (RFC 9113, 6.8), which is of type 7.
        var last = await raw.ReadToEndAsync();
        Assert.True(grpc ? last[3] == 7 : last.Length == 0, last);
    }

    [Fact]
    public async Task A_rest_client_on_the_grpc_port_is_told_so()
    {
        await using var host = await RestHost.StartAsync();
        using var raw = await RawConnection.OpenAsync(host.Grpc);

        await raw.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");

        var response = await raw.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400", response, StringComparison.Ordinal);
        Assert.Contains("HTTP/2 only endpoint", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rest_over_http2_on_the_grpc_port_is_told_where_to_go()
    {
        await using var host = await RestHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Grpc, "/health/live"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await host.Client.SendAsync(request).DefaultTimeout();

        var problem = await response.ProblemAsync(HttpStatusCode.NotFound, "not-found");
        Assert.Contains(host.Rest.ToString(), problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grpc_client_on_the_rest_port_is_told_so()
    {
        await using var host = await RestHost.StartAsync();
        using var raw = await RawConnection.OpenAsync(host.Rest);

        await raw.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        // RFC 9113, 7: GOAWAY with HTTP_1_1_REQUIRED, which gRPC clients show.
        var response = await raw.ReadToEndAsync();
        Assert.EndsWith("\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\r", response, StringComparison.Ordinal);
    }

    /// <summary>Section 4: Kestrel's limits leave streaming calls alone, and one connection's streams their windows.</summary>
    [Fact]
    public async Task Streams_have_windows_and_no_rates()
    {
        await using var host = await RestHost.StartAsync();
        var limits = host.App.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.True(limits.Http2.InitialStreamWindowSize <= 128 * 1024);
        Assert.True(limits.Http2.MaxStreamsPerConnection >= 1024);
        var all = (long)limits.Http2.MaxStreamsPerConnection * limits.Http2.InitialStreamWindowSize;
        Assert.True(limits.Http2.InitialConnectionWindowSize >= all);
        Assert.Null(limits.MinRequestBodyDataRate);
        Assert.Null(limits.MinResponseDataRate);
        Assert.Null(limits.MaxRequestBodySize);
    }

    private static async Task<string> GetAsync(RestHost host, string path)
        => await host.Client.GetStringAsync(new Uri(path, UriKind.Relative)).DefaultTimeout();
}
