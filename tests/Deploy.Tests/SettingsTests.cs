using System.Net;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Switchboard.Deploy.Tests.Rendering;
using Switchboard.TestSupport;

namespace Switchboard.Deploy.Tests;

/// <summary>What the manifests tell the program is what the program knows.</summary>
public sealed class SettingsTests : IDisposable
{
    // The program is started without these: there is no database, and the pod's address is not this machine's.
    private static readonly string[] _clusters = ["Switchboard:Storage", "Switchboard:Cluster", "Switchboard:Peer", "Switchboard:Silo:AdvertisedAddress"];
    private readonly SettingsCheck _program = new();

    public static TheoryData<string> Overlays => [.. Overlay.Names];

    public void Dispose() => _program.Dispose();

    /// <summary>Every variable is a setting, with a value that the program takes.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_variable_is_a_setting(string name)
    {
        var settings = PodSettings.Of(await Overlay.OfAsync(name));
        Assert.Equal(name == "redis" ? "Redis" : "PostgreSql", settings["Switchboard:Cluster:Provider"]);
        Assert.Equal("PostgreSql", settings["Switchboard:Storage:Provider"]);
        Assert.Equal("Host=a-switchboard-storage", settings["Switchboard:Storage:ConnectionString"]);
        Assert.Equal(name == "redis" ? "a-switchboard-redis:6379" : null, settings.GetValueOrDefault("Switchboard:Cluster:ConnectionString"));
        Assert.Equal(PodSettings.PodAddress, settings["Switchboard:Silo:AdvertisedAddress"]);
        Assert.Equal(PodSettings.PodAddress, settings["Switchboard:Peer:AdvertisedAddress"]);
        Assert.Empty(await _program.ProblemsOfAsync(settings));

        // Not because nobody looks.
        settings["Switchboard:Listen:Adress"] = "0.0.0.0";
        Assert.Contains("Switchboard:Listen:Adress", Assert.Single(await _program.ProblemsOfAsync(settings)), StringComparison.Ordinal);
    }

    /// <summary>The names of the cluster and of the service are the pod's labels, for the silo and for the hosting package alike.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task The_silo_is_named_as_its_pods_are_labelled(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        var variables = PodSettings.EnvironmentOf(overlay);
        Assert.Equal(overlay.Pod.Metadata.Labels["orleans/clusterId"], variables["ORLEANS_CLUSTER_ID"]);
        Assert.Equal(overlay.Pod.Metadata.Labels["orleans/serviceId"], variables["ORLEANS_SERVICE_ID"]);
        Assert.Equal(variables["ORLEANS_CLUSTER_ID"], variables["Switchboard__Silo__ClusterId"]);
        Assert.Equal(variables["ORLEANS_SERVICE_ID"], variables["Switchboard__Silo__ServiceId"]);
        Assert.Equal(PodSettings.PodAddress, variables["POD_IP"]);
        Assert.Subset(variables.Keys.ToHashSet(), new HashSet<string> { "POD_NAME", "POD_NAMESPACE" });
    }

    /// <summary>A pod is left the time that its hook and the program's own stop take, and some more.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task The_grace_period_is_longer_than_the_stop(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        await using var app = _program.Build(PodSettings.Of(overlay));
        var sleep = overlay.Container.Lifecycle.PreStop.Sleep.Seconds;
        var stop = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        Assert.True(sleep >= 5, "the Services must have forgotten the pod");
        Assert.True(
            overlay.Pod.Spec.TerminationGracePeriodSeconds > sleep + stop.TotalSeconds,
            $"{overlay.Pod.Spec.TerminationGracePeriodSeconds} s for a hook of {sleep} s and a stop of {stop.TotalSeconds} s");
    }

    /// <summary>The ports of the container are those that the program has.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Ports_are_the_programs_own(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        await using var app = _program.Build(PodSettings.Of(overlay));
        var listen = app.Services.GetRequiredService<IOptions<Api.Listening.ListeningOptions>>().Value;
        var silo = app.Services.GetRequiredService<IOptions<Api.Startup.SiloNetworkOptions>>().Value;
        var ports = overlay.Container.Ports.ToDictionary(p => p.Name, p => p.ContainerPort);
        Assert.Equal(listen.HttpPort, ports["rest"]);
        Assert.Equal(listen.GrpcPort, ports["grpc"]);
        Assert.Equal(listen.AdminPort, ports["admin"]);
        Assert.Equal(silo.SiloPort, ports["silo"]);
        Assert.Equal(silo.GatewayPort, ports["gateway"]);
        Assert.Equal(app.Services.GetRequiredService<IOptions<Api.Peers.PeerOptions>>().Value.Port, ports["peer"]);
        Assert.Equal(name == "tls" ? listen.HttpsPort : 0, ports.GetValueOrDefault("tls"));
        Assert.Equal(name == "tls", listen.CertificatePath.Length > 0);
        Assert.Equal(overlay.Pod.Metadata.Annotations["prometheus.io/port"], listen.AdminPort.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// The program starts with the manifests' settings, and what the kubelet and Prometheus ask for is there: on the admin port, by the
    /// pod's address as the name. Another name is refused.
    /// </summary>
    [KubectlFact]
    public async Task What_is_probed_is_there()
    {
        var overlay = await Overlay.OfAsync("postgresql");
        int admin = FreePorts.Next(), rest = FreePorts.Next();
        await using var app = _program.Build([
            .. Alone(overlay), new("Switchboard:Storage:Provider", "Memory"),
            new("Switchboard:Listen:HttpPort", $"{rest}"), new("Switchboard:Listen:GrpcPort", "0"), new("Switchboard:Listen:AdminPort", $"{admin}"),
            new("Switchboard:Listen:Address", "127.0.0.1"), new("Switchboard:Listen:AdminAddress", "127.0.0.1"),
            new("Switchboard:Silo:SiloPort", $"{FreePorts.Next()}"), new("Switchboard:Silo:GatewayPort", $"{FreePorts.Next()}"),
            new("Switchboard:Shutdown:DrainTime", "0s"), new("Logging:LogLevel:Default", "None")]);
        await app.StartAsync().DefaultTimeout();

        using var client = new HttpClient();
        string[] asked = [.. Probes(overlay).Select(p => p.HttpGet.Path), overlay.Pod.Metadata.Annotations["prometheus.io/path"]];
        foreach (var path in asked.Distinct())
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(admin, path, $"{PodSettings.PodAddress}:8088"));
        }

        foreach (var service in overlay.All<V1Service>().Select(s => s.Metadata.Name))
        {
            foreach (var host in new[] { service, $"{service}.switchboard", $"{service}.switchboard.svc", $"{service}.switchboard.svc.cluster.local" })
            {
                Assert.Equal(HttpStatusCode.OK, await AskAsync(rest, "/health/live", $"{host}:8080"));
            }
        }

        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(rest, "/health/live", "a-page-of-its-own.example"));
        await app.StopAsync().DefaultTimeout();

        async Task<HttpStatusCode> AskAsync(int port, string path, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{path}") { Headers = { Host = host } };
            using var response = await client.SendAsync(request).DefaultTimeout();
            return response.StatusCode;
        }
    }

    /// <summary>Liveness asks nothing but the process, readiness asks the cluster, and all ask the port that is never full.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Probes_ask_the_admin_port(string name)
    {
        var container = (await Overlay.OfAsync(name)).Container;
        Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
        Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
        Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
        Assert.All(Probes(await Overlay.OfAsync(name)), p => Assert.Equal("admin", p.HttpGet.Port.Value));

        // Readiness asks a grain, which may take 2 s.
        Assert.True(container.ReadinessProbe.TimeoutSeconds > 2);
    }

    private static V1Probe[] Probes(Overlay overlay) => [overlay.Container.StartupProbe, overlay.Container.ReadinessProbe, overlay.Container.LivenessProbe];

    private static IEnumerable<KeyValuePair<string, string>> Alone(Overlay overlay) =>
        PodSettings.Of(overlay).Where(s => !Array.Exists(_clusters, c => s.Key.StartsWith(c, StringComparison.Ordinal)));
}
