using k8s.Models;
using Switchboard.Deploy.Tests.Rendering;

namespace Switchboard.Deploy.Tests;

/// <summary>Who reaches which port.</summary>
public sealed class NetworkTests
{
    private static readonly int[] _inside = [11111, 30000, 8082];

    public static TheoryData<string> Overlays => [.. Overlay.Names];

    /// <summary>One Service for REST and one for gRPC, inside the cluster, that balance by connection; none leads to a port of the inside.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Services_lead_to_callers_ports_alone(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        Assert.Equal(["switchboard-grpc", "switchboard-rest"], overlay.All<V1Service>().Select(s => s.Metadata.Name).Order());
        Assert.Empty(overlay.All<V1Ingress>());
        Assert.All(overlay.All<V1Service>(), service =>
        {
            Assert.Equal("ClusterIP", service.Spec.Type);
            Assert.NotEqual("None", service.Spec.ClusterIP);
            Assert.True(service.Spec.SessionAffinity is null or "None");
            Assert.Null(service.Spec.ExternalIPs);
            Assert.All(service.Spec.Selector, l => Assert.Equal(l.Value, overlay.Pod.Metadata.Labels[l.Key]));
            var port = Assert.Single(service.Spec.Ports);
            var expected = name == "tls" ? 8443 : service.Metadata.Name == "switchboard-rest" ? 8080 : 8081;
            Assert.Equal(expected, NumberOf(port.TargetPort, overlay));
        });
    }

    /// <summary>The silos' ports and the peers' take nothing but this cluster's own pods.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Silo_and_peer_ports_stay_inside(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        var rules = RulesOf(overlay);
        foreach (var port in _inside)
        {
            Assert.Contains(overlay.Container.Ports, p => p.ContainerPort == port);
            var rule = Assert.Single(rules, r => PortsOf(r, overlay).Contains(port));
            var from = Assert.Single(rule.FromProperty);
            Assert.Null(from.NamespaceSelector);
            Assert.Null(from.IpBlock);
            WorkloadTests.AssertSelects(from.PodSelector, overlay.Pod);
            Assert.Equal("gateway", from.PodSelector.MatchLabels["app.kubernetes.io/component"]);
        }
    }

    /// <summary>Every policy selects the silos, every rule names ports and whom it lets in, and nobody outside the cluster is let in.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Nothing_is_open_beyond_the_cluster(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        Assert.All(overlay.All<V1NetworkPolicy>(), policy =>
        {
            WorkloadTests.AssertSelects(policy.Spec.PodSelector, overlay.Pod);
            Assert.Equal(["Ingress"], policy.Spec.PolicyTypes);
        });
        Assert.All(RulesOf(overlay), rule =>
        {
            Assert.NotEmpty(rule.Ports);
            Assert.NotEmpty(rule.FromProperty);
            Assert.All(rule.FromProperty, from => Assert.Null(from.IpBlock));
        });

        // The dashboard shows everything: a namespace by its name, never any.
        var admin = Assert.Single(RulesOf(overlay), r => PortsOf(r, overlay).Contains(8088));
        Assert.NotEmpty(Assert.Single(admin.FromProperty).NamespaceSelector.MatchLabels);

        // With TLS nobody is let in without.
        var open = RulesOf(overlay).SelectMany(r => PortsOf(r, overlay)).Except(_inside).Except([8088]).Order();
        Assert.Equal(name == "tls" ? [8443] : [8080, 8081], open);
    }

    private static List<V1NetworkPolicyIngressRule> RulesOf(Overlay overlay) =>
        [.. overlay.All<V1NetworkPolicy>().SelectMany(p => p.Spec.Ingress)];

    private static IEnumerable<int> PortsOf(V1NetworkPolicyIngressRule rule, Overlay overlay) => rule.Ports.Select(p =>
    {
        Assert.Null(p.EndPort);
        return NumberOf(p.Port, overlay);
    });

    // By its number, or by the name that the container gives it.
    private static int NumberOf(IntOrString port, Overlay overlay) =>
        int.TryParse(port.Value, out var number) ? number : Assert.Single(overlay.Container.Ports, p => p.Name == port.Value).ContainerPort;
}
