using System.Text.RegularExpressions;
using System.Xml.Linq;
using Switchboard.Deploy.Tests.Rendering;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Switchboard.Deploy.Tests;

/// <summary>The image and the try-out of three silos, which no engine has run here: what can be told without one.</summary>
public sealed partial class TryoutTests
{
    /// <summary>The image holds the projects that the program is built of, has no shell, and does not run as root.</summary>
    [Fact]
    public void The_image_is_built_of_what_the_program_needs()
    {
        var lines = File.ReadAllLines(Repository.PathOf("Dockerfile"));
        var copied = lines.Select(l => CopiedProject().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value);
        Assert.Equal(ProjectsOf("Silo").Order(), copied.Order());
        Assert.Equal("USER $APP_UID", lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.EndsWith("-chiseled", lines.Last(l => l.StartsWith("FROM ", StringComparison.Ordinal)), StringComparison.Ordinal);

        // What the build reads and .dockerignore leaves out is not there.
        var sent = File.ReadAllLines(Repository.PathOf(".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..]).ToList();
        Assert.All(sent, s => Assert.True(Path.Exists(Repository.PathOf(s)), $"{s} is not there"));
        foreach (var line in lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal)))
        {
            var sources = line.Split(' ')[1..^1];
            Assert.All(sources.Where(s => s != "."), s => Assert.Contains(s.Split('/')[0], sent));
        }
    }

    /// <summary>Three silos, one migration before them, the manifests' settings, and nothing published beyond loopback.</summary>
    [Fact]
    public async Task The_try_out_has_three_silos()
    {
        var services = Map(Compose()["services"]);
        var silos = services.Where(s => s.Key.StartsWith("silo", StringComparison.Ordinal)).Select(s => Map(s.Value)).ToList();
        Assert.Equal(3, silos.Count);
        Assert.Equal(["postgres", "migrate"], services.Keys.Where(k => !k.StartsWith("silo", StringComparison.Ordinal)));
        Assert.All(services.Values.Select(Map).Where(s => s.ContainsKey("ports")).SelectMany(s => List(s["ports"])), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.Distinct(silos.SelectMany(s => List(s["ports"])));

        using var program = new SettingsCheck();
        foreach (var silo in silos)
        {
            var settings = PodSettings.Keys(Map(silo["environment"]).Select(v => KeyValuePair.Create(v.Key, (string)v.Value)));
            var address = (string)Map(Map(silo["networks"])["inside"])["ipv4_address"];
            Assert.Equal(address, settings["Switchboard:Silo:AdvertisedAddress"]);
            Assert.Equal(address, settings["Switchboard:Peer:AdvertisedAddress"]);
            Assert.Equal(address, settings["Switchboard:Listen:Hosts:2"]);
            Assert.Equal("PostgreSql", settings["Switchboard:Cluster:Provider"]);
            Assert.Empty(await program.ProblemsOfAsync(settings));
            Assert.Equal("service_completed_successfully", Map(Map(silo["depends_on"])["migrate"])["condition"]);
            Assert.Equal("true", silo["read_only"]);
        }
    }

    private static HashSet<string> ProjectsOf(string project)
    {
        HashSet<string> found = [project];
        var references = XDocument.Load(Repository.PathOf($"src/{project}/Switchboard.{project}.csproj")).Descendants("ProjectReference");
        foreach (var reference in references.Select(r => r.Attribute("Include")!.Value.Split('/')[1]))
        {
            found.UnionWith(ProjectsOf(reference));
        }

        return found;
    }

    private static Dictionary<string, object> Compose()
    {
        using var file = File.OpenText(Repository.PathOf("deploy/compose.yaml"));
        return Map(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(file))));
    }

    private static Dictionary<string, object> Map(object value) => ((IDictionary<object, object>)value).ToDictionary(e => (string)e.Key, e => e.Value);

    private static IEnumerable<string> List(object value) => ((IEnumerable<object>)value).Cast<string>();

    [GeneratedRegex(@"^COPY src/(\w+)/\*\.csproj src/\1/$")]
    private static partial Regex CopiedProject();
}
