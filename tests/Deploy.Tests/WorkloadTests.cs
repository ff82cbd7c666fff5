using k8s.Models;
using Switchboard.Deploy.Tests.Rendering;

namespace Switchboard.Deploy.Tests;

/// <summary>The pods: how many, where, and what they may.</summary>
public sealed class WorkloadTests
{
    public static TheoryData<string> Overlays => [.. Overlay.Names];

    /// <summary>Three silos; where an autoscaler counts them, it begins at three and nothing else says a number.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task There_are_three_silos(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        if (overlay.All<V2HorizontalPodAutoscaler>().SingleOrDefault() is { } autoscaler)
        {
            Assert.Null(overlay.Deployment.Spec.Replicas);
            Assert.Equal(3, autoscaler.Spec.MinReplicas);
        }
        else
        {
            Assert.Equal(3, overlay.Deployment.Spec.Replicas);
        }

        Assert.Equal("0", overlay.Deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
    }

    /// <summary>No root, no way to become it, nothing written to the image, and no shell that a hook would need.</summary>
    [KubectlTheory]
    [InlineData("overlays/postgresql")]
    [InlineData("overlays/redis")]
    [InlineData("overlays/tls")]
    [InlineData("overlays/autoscaling")]
    [InlineData("migrate")]
    public async Task Pods_keep_to_the_restricted_standard(string folder)
    {
        var rendered = await Overlay.FolderAsync(folder);
        var pod = rendered.All<V1Job>().SingleOrDefault()?.Spec.Template.Spec ?? rendered.Pod.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Null(pod.InitContainers);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.NotEqual(0, pod.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Null(container.SecurityContext.Capabilities.Add);
        Assert.True(container.SecurityContext.Privileged is null or false);
        Assert.True(pod.HostNetwork is null or false);
        Assert.NotNull(container.Resources.Requests["cpu"]);
        Assert.NotNull(container.Resources.Requests["memory"]);
        Assert.NotNull(container.Resources.Limits["memory"]);
        Assert.False(container.Resources.Limits.ContainsKey("cpu"), "a throttled silo is declared dead");
        Assert.All(container.VolumeMounts, m => Assert.Contains(pod.Volumes, v => v.Name == m.Name));
        Assert.All(pod.Volumes, v => Assert.Null(v.HostPath));
    }

    /// <summary>Silos stand on different nodes, and a drained node takes one at a time.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_are_spread_and_go_one_at_a_time(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        var spread = overlay.Pod.Spec.TopologySpreadConstraints;
        Assert.Contains(spread, c => c is { TopologyKey: "kubernetes.io/hostname", MaxSkew: 1, WhenUnsatisfiable: "DoNotSchedule" });
        Assert.Contains(spread, c => c is { TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1 });
        Assert.All(spread, c => AssertSelects(c.LabelSelector, overlay.Pod));

        var budget = overlay.One<V1PodDisruptionBudget>();
        Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
        AssertSelects(budget.Spec.Selector, overlay.Pod);
        AssertSelects(overlay.Deployment.Spec.Selector, overlay.Pod);
    }

    /// <summary>The hosting package may read and watch pods, in its own namespace, and nothing else. The migration may nothing.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Rights_are_what_the_hosting_package_needs(string name)
    {
        var overlay = await Overlay.OfAsync(name);
        Assert.Empty(overlay.All<V1ClusterRole>());
        Assert.Empty(overlay.All<V1ClusterRoleBinding>());
        var role = overlay.One<V1Role>();
        var rule = Assert.Single(role.Rules);
        Assert.Equal([""], rule.ApiGroups);
        Assert.Equal(["pods"], rule.Resources);
        Assert.Equal(["get", "list", "watch"], rule.Verbs);

        var binding = overlay.One<V1RoleBinding>();
        Assert.Equal(("Role", role.Metadata.Name), (binding.RoleRef.Kind, binding.RoleRef.Name));
        var subject = Assert.Single(binding.Subjects);
        Assert.Equal(("ServiceAccount", "switchboard", "switchboard"), (subject.Kind, subject.Name, subject.NamespaceProperty));
        Assert.Equal(subject.Name, overlay.One<V1ServiceAccount>().Metadata.Name);
        Assert.Equal(subject.Name, overlay.Pod.Spec.ServiceAccountName);
        Assert.True(overlay.Pod.Spec.AutomountServiceAccountToken);

        var migration = (await Overlay.FolderAsync("migrate")).One<V1Job>().Spec.Template.Spec;
        Assert.False(migration.AutomountServiceAccountToken);
        Assert.Null(migration.ServiceAccountName);
    }

    /// <summary>The autoscaler looks at sessions, by the name that /metrics shows, well below what a pod takes.</summary>
    [KubectlFact]
    public async Task The_autoscaler_counts_sessions()
    {
        var overlay = await Overlay.OfAsync("autoscaling");
        var autoscaler = overlay.One<V2HorizontalPodAutoscaler>().Spec;
        Assert.Equal(overlay.Deployment.Metadata.Name, autoscaler.ScaleTargetRef.Name);
        var metric = Assert.Single(autoscaler.Metrics).Pods;
        Assert.Equal(Abstractions.Telemetry.MetricNames.Sessions.Replace('.', '_'), metric.Metric.Name);
        Assert.InRange(metric.Target.AverageValue.ToInt32(), 1, int.Parse(PodSettings.Of(overlay)["Switchboard:Sessions:MaxSessions"], null) / 2);
        Assert.True(autoscaler.Behavior.ScaleDown.StabilizationWindowSeconds >= 600, "each pod less makes its agents connect anew");
    }

    /// <summary>Silos and migration are of one image, one version.</summary>
    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task The_migration_is_of_the_same_image(string name)
    {
        var migration = (await Overlay.FolderAsync("migrate")).One<V1Job>().Spec.Template;
        Assert.Equal((await Overlay.OfAsync(name)).Container.Image, Assert.Single(migration.Spec.Containers).Image);
        Assert.Equal(["--migrate"], Assert.Single(migration.Spec.Containers).Args);
    }

    internal static void AssertSelects(V1LabelSelector selector, V1PodTemplateSpec pod)
    {
        Assert.NotEmpty(selector.MatchLabels);
        Assert.All(selector.MatchLabels, l => Assert.Equal(l.Value, pod.Metadata.Labels[l.Key]));
    }
}
