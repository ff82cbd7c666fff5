using System.Text.RegularExpressions;
using k8s.Models;

namespace Switchboard.Deploy.Tests.Rendering;

/// <summary>The environment that a kubelet would give the gateway's container, as the program's settings.</summary>
internal static partial class PodSettings
{
    /// <summary>The pod's address, of those that are for documentation (RFC 5737).</summary>
    public const string PodAddress = "192.0.2.1";

    private const string Prefix = "Switchboard__";

    /// <summary>Every variable of the container.</summary>
    public static Dictionary<string, string> EnvironmentOf(Overlay overlay)
    {
        var container = overlay.Container;
        Dictionary<string, string> variables = [];
        foreach (var source in container.EnvFrom ?? [])
        {
            var map = Assert.Single(overlay.All<V1ConfigMap>(), m => m.Metadata.Name == source.ConfigMapRef.Name);
            foreach (var (key, value) in map.Data)
            {
                variables[key] = value;
            }
        }

        foreach (var variable in container.Env)
        {
            // A variable may name those before it, and no others.
            variables[variable.Name] = Reference().Replace(ValueOf(variable, overlay.Pod), r => variables[r.Groups[1].Value]);
        }

        return variables;
    }

    /// <summary>Those that are the gateway's, with its names for them: <c>Switchboard:Listen:Address</c>.</summary>
    public static Dictionary<string, string> Of(Overlay overlay) => Keys(EnvironmentOf(overlay));

    /// <summary>The gateway's variables among these, with its names for them.</summary>
    public static Dictionary<string, string> Keys(IEnumerable<KeyValuePair<string, string>> environment) => environment
        .Where(v => v.Key.StartsWith(Prefix, StringComparison.Ordinal))
        .ToDictionary(v => v.Key.Replace("__", ":", StringComparison.Ordinal), v => v.Value);

    private static string ValueOf(V1EnvVar variable, V1PodTemplateSpec pod) => variable switch
    {
        { ValueFrom.SecretKeyRef.Name: "switchboard-redis" } => "a-switchboard-redis:6379",
        { ValueFrom.SecretKeyRef: { } secret } => $"Host=a-{secret.Name}",
        { ValueFrom.FieldRef.FieldPath: "status.podIP" } => PodAddress,
        { ValueFrom.FieldRef.FieldPath: "metadata.name" } => "switchboard-5d6f7-abcde",
        { ValueFrom.FieldRef.FieldPath: "metadata.namespace" } => "switchboard",
        { ValueFrom.FieldRef.FieldPath: { } path } => pod.Metadata.Labels[Label().Match(path).Groups[1].Value],
        _ => variable.Value,
    };

    [GeneratedRegex(@"\$\(([A-Za-z0-9_]+)\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^metadata\.labels\['(.+)'\]$")]
    private static partial Regex Label();
}
