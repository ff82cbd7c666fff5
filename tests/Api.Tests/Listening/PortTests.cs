using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Switchboard.Api.Listening;
using Switchboard.Api.Startup;
using Switchboard.Api.Tests.Harness;
using Switchboard.Silo.Hosting;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Listening;

/// <summary>What each port serves, by which names, and what it takes to listen beyond loopback.</summary>
public sealed class PortTests
{
    /// <summary>The dashboard shows durable ids, the log and everything else: the admin port alone has it.</summary>
    [Fact]
    public async Task The_dashboard_is_on_the_admin_port_alone()
    {
        await using var app = SiloProgram.Build(
        [
            $"--contentRoot={AppContext.BaseDirectory}", "--Switchboard:FrontDoor:DataFolder=", "--Switchboard:Shutdown:DrainTime=0s",
            "--Switchboard:Storage:Provider=Memory",
            "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0",
            $"--Switchboard:Silo:SiloPort={FreePorts.Next()}", $"--Switchboard:Silo:GatewayPort={FreePorts.Next()}",
        ]);
        using var logs = new FakeLoggerProvider();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(logs);
        await app.StartAsync().DefaultTimeout();
        var addresses = app.Services.GetRequiredService<ListenAddresses>();
        using var client = new HttpClient { Timeout = TestTimeouts.Default };

        foreach (var path in new[] { "/dashboard", "/dashboard/DashboardCounters", "/dashboard/Trace", "/dashboard/HistoricalStats/x" })
        {
            using var refused = await client.GetAsync(new Uri(addresses.Http, path));
            await refused.ProblemAsync(HttpStatusCode.NotFound, "not-found");
        }

        Assert.Contains("<html", await client.GetStringAsync(new Uri(addresses.Admin, "/dashboard")), StringComparison.OrdinalIgnoreCase);
        var silo = app.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();
        foreach (var page in new[] { "HistoricalStats", "SiloProperties", "SiloStats", "SiloCounters" })
        {
            foreach (var address in new[] { "x", "", "127.0.0.1:9@1", "%20" })
            {
                using var unknown = await client.GetAsync(new Uri(addresses.Admin, $"/dashboard/{page}/{address}"));
                await unknown.ProblemAsync(HttpStatusCode.NotFound, "not-found");
            }

            using var known = await client.GetAsync(new Uri(addresses.Admin, $"/dashboard/{page}/{silo}"));
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        }

        Assert.Contains("ready", await client.GetStringAsync(new Uri(addresses.Admin, "/health/ready")), StringComparison.Ordinal);
        Assert.Contains("switchboard_sessions", await client.GetStringAsync(new Uri(addresses.Admin, "/metrics")), StringComparison.Ordinal);
        using var rest = await client.GetAsync(new Uri(addresses.Admin, "/v1/agents"));
        await rest.ProblemAsync(HttpStatusCode.NotFound, "not-found");
        Assert.Empty(Errors());
        await app.StopAsync().DefaultTimeout();
        // On a busy machine the silo's first reading of reminders, which begins after the start, is cut off by the stop, and Orleans says so.
        Assert.DoesNotContain(Errors(), static error => error.Category?.StartsWith("Orleans.", StringComparison.Ordinal) != true);

        IEnumerable<FakeLogRecord> Errors() => logs.Collector.GetSnapshot().Where(static record => record.Level >= LogLevel.Error);
    }

    /// <summary>A page in a browser reaches a loopback gateway under a name of its own (DNS rebinding): it is refused.</summary>
    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("gateway.localhost:8080", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("[::1]", true)]
    [InlineData("", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:8080", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("[::1", false)]
    [InlineData("notlocalhost", false)]
    public void On_loopback_only_local_names_are_ours(string host, bool ours)
        => Assert.Equal(ours, NamesOf(new ListeningOptions()).Allows(host));

    [Fact]
    public void Names_can_be_said_and_beyond_loopback_any_is_taken()
    {
        var said = NamesOf(new ListeningOptions { Hosts = ["gateway.example"] });
        Assert.True(said.Allows("GATEWAY.example:8080"));
        Assert.False(said.Allows("localhost"));
        Assert.True(NamesOf(new ListeningOptions { Hosts = ["*"] }).Allows("evil.example"));
        Assert.True(NamesOf(new ListeningOptions { Address = "0.0.0.0" }).Allows("gateway.example"));
    }

    [Fact]
    public async Task A_request_by_another_name_is_refused()
    {
        await using var host = await RestHost.StartAsync(settings: "Switchboard:Listen:Hosts:0=localhost");
        using var rest = new HttpRequestMessage(HttpMethod.Get, host.Rest) { Headers = { Host = "evil.example" } };
        using var grpc = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Grpc, "/switchboard.v1.AgentGateway/AgentRequestPublish"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Host = "evil.example" },
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };

        using var response = await host.Client.SendAsync(rest).DefaultTimeout();
        using var call = await host.Client.SendAsync(grpc).DefaultTimeout();

        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains("Switchboard:Listen:Hosts", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("3", call.Headers.GetValues("grpc-status").Single());
        Assert.Equal("bad-request", call.Headers.GetValues("switchboard-reason").Single());
    }

    /// <summary>H10: nothing but loopback is listened on unless somebody has said that anybody may come.</summary>
    [Theory]
    [InlineData("Address")]
    [InlineData("AdminAddress")]
    public async Task Beyond_loopback_anonymous_access_must_be_allowed(string key)
    {
        string[] settings = ["--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", $"--Switchboard:Listen:{key}=0.0.0.0"];
        var errors = new StringWriter();
        Assert.Equal(2, await StartupErrors.RunAsync(() => SiloProgram.Build(settings), errors, _ => Task.CompletedTask).DefaultTimeout());
        Assert.Contains($"Switchboard:Listen:{key} is '0.0.0.0'", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Switchboard:Auth:AllowAnonymous=true", errors.ToString(), StringComparison.Ordinal);

        await using var allowed = SiloProgram.Build([.. settings, "--Switchboard:Auth:AllowAnonymous=true", "--Switchboard:FrontDoor:DataFolder="]);
        Assert.NotNull(allowed);
    }

    /// <summary>Orleans shares its ports with whoever asks for them: a second process would take half of the first one's connections.</summary>
    [Theory]
    [InlineData("SiloPort")]
    [InlineData("GatewayPort")]
    public async Task A_taken_port_of_the_silo_is_one_clear_line(string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var errors = new StringWriter();
        var exit = await StartupErrors.RunAsync(
            () => SiloProgram.Build(
            [
                "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0",
                $"--Switchboard:Silo:{(key == "SiloPort" ? "GatewayPort" : "SiloPort")}={FreePorts.Next()}", $"--Switchboard:Silo:{key}={port}",
            ]),
            errors,
            _ => Task.CompletedTask).DefaultTimeout();

        Assert.Equal(3, exit);
        Assert.Contains($"Cannot listen on 127.0.0.1:{port}", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Switchboard:Silo:{key}", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_none_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "no certificate");
            var errors = new StringWriter();
            string[] settings = [$"--Switchboard:Listen:CertificatePath={file}"];
            Assert.Equal(2, await StartupErrors.RunAsync(() => SiloProgram.Build(settings), errors, _ => Task.CompletedTask).DefaultTimeout());
            Assert.Contains("it must be a PEM file with a certificate", errors.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HostNames NamesOf(ListeningOptions settings) => new(Microsoft.Extensions.Options.Options.Create(settings));
}
