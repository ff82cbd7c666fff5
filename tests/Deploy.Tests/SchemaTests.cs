using k8s;
using k8s.Models;
using Switchboard.Deploy.Tests.Rendering;
using Xunit.Abstractions;

namespace Switchboard.Deploy.Tests;

/// <summary>Every manifest is rendered, and read as the Kubernetes API has it.</summary>
public sealed class SchemaTests(ITestOutputHelper output)
{
    /// <summary>Each folder renders without a word of warning, and each object is of a kind and has the fields that the API knows.</summary>
    [KubectlTheory]
    [InlineData("base")]
    [InlineData("migrate")]
    [InlineData("overlays/postgresql")]
    [InlineData("overlays/redis")]
    [InlineData("overlays/tls")]
    [InlineData("overlays/autoscaling")]
    public async Task Every_folder_renders_into_objects_of_the_api(string folder)
    {
        output.WriteLine(await Kubectl.VersionAsync());
        var rendered = await Overlay.FolderAsync(folder);
        Assert.NotEmpty(rendered.Objects);
        Assert.All(rendered.Objects.Cast<IKubernetesObject<V1ObjectMeta>>(), o =>
        {
            output.WriteLine($"{o.ApiVersion} {o.Kind} {o.Metadata.NamespaceProperty}/{o.Metadata.Name}");
            Assert.Equal("switchboard", o.Metadata.NamespaceProperty);
        });
        Assert.Distinct(rendered.Objects.Cast<IKubernetesObject<V1ObjectMeta>>().Select(o => (o.Kind, o.Metadata.Name)));
    }

    /// <summary>No overlay is forgotten by these tests.</summary>
    [Fact]
    public void Every_overlay_is_tested()
    {
        var folders = Directory.GetDirectories(Repository.PathOf("deploy/kubernetes/overlays")).Select(f => Path.GetFileName(f)!);
        Assert.Equal(Overlay.Names.Order(), folders.Order());
    }

    /// <summary>The namespace holds every pod to what it says of itself.</summary>
    [Fact]
    public void The_namespace_enforces_the_restricted_standard()
    {
        var name = Assert.IsType<V1Namespace>(Assert.Single(Overlay.Parse(File.ReadAllText(Repository.PathOf("deploy/kubernetes/namespace.yaml")))));
        Assert.Equal("switchboard", name.Metadata.Name);
        Assert.Equal("restricted", name.Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    /// <summary>What reads the manifests is strict: what an API server would refuse, it refuses.</summary>
    [Theory]
    [InlineData("replica: 3")]
    [InlineData("replicas: 3\n  replicas: 4")]
    [InlineData("replicas: three")]
    public void What_the_api_does_not_know_is_refused(string field)
    {
        const string Right = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: 3";
        Assert.IsType<V1Deployment>(Assert.Single(Overlay.Parse(Right)));
        Assert.ThrowsAny<Exception>(() => Overlay.Parse(Right.Replace("replicas: 3", field, StringComparison.Ordinal)));
        Assert.ThrowsAny<Exception>(() => Overlay.Parse(Right.Replace("kind: Deployment", "kind: Deploymint", StringComparison.Ordinal)));
    }
}
