using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace Switchboard.Deploy.Tests.Rendering;

/// <summary>One of the overlays, rendered, as objects of the Kubernetes API.</summary>
internal sealed class Overlay
{
    /// <summary>Those that run the gateway.</summary>
    public static readonly string[] Names = ["postgresql", "redis", "tls", "autoscaling"];

    private static readonly ConcurrentDictionary<string, Task<Overlay>> _rendered = new();
    private readonly List<object> _objects;

    private Overlay(List<object> objects) => _objects = objects;

    public IReadOnlyList<object> Objects => _objects;

    public V1Deployment Deployment => One<V1Deployment>();

    public V1PodTemplateSpec Pod => Deployment.Spec.Template;

    public V1Container Container => Assert.Single(Pod.Spec.Containers);

    /// <summary>The overlay of that name, rendered once for all tests.</summary>
    public static Task<Overlay> OfAsync(string name) => FolderAsync($"overlays/{name}");

    /// <summary>A folder of <c>deploy/kubernetes</c>.</summary>
    public static Task<Overlay> FolderAsync(string folder) => _rendered.GetOrAdd(folder, RenderAsync);

    /// <summary>
    /// YAML as objects, strictly: an unknown kind, an unknown field, a field given twice and a value of another type are errors, as at an
    /// API server that validates.
    /// </summary>
    public static List<object> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, null, strict: true);

    public T One<T>() => Assert.Single(All<T>());

    public IEnumerable<T> All<T>() => _objects.OfType<T>();

    private static async Task<Overlay> RenderAsync(string folder) =>
        new(Parse(await Kubectl.RenderAsync(Repository.PathOf($"deploy/kubernetes/{folder}"))));
}
