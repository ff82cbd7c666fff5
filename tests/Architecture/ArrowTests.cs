using System.Xml.Linq;

namespace Switchboard.Architecture.Tests;

/// <summary>Which project may know which. What a project does not reference, its code cannot use.</summary>
public sealed class ArrowTests
{
    /// <summary>The arrows of the design. Silo knows the Client only for `--demo`, whose agent is an ordinary one.</summary>
    private static readonly Dictionary<string, string[]> _allowed = new()
    {
        ["Core"] = [],
        ["Protocol"] = [],
        ["Abstractions"] = ["Core"],
        ["Grains"] = ["Abstractions", "Core"],
        ["Api"] = ["Abstractions", "Core", "Protocol"],
        ["Silo"] = ["Api", "Grains", "Abstractions", "Core", "Protocol", "Client"],
        ["Client"] = ["Protocol"],
        ["Cli"] = ["Client", "Protocol"],
    };

    /// <summary>Every project of src/ is in the table, and references nothing outside it.</summary>
    [Fact]
    public void Arrows_point_one_way()
    {
        var found = Repository.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)).ToList();
        Assert.Equal(_allowed.Keys.Order(), found.Select(NameOf).Order());
        foreach (var project in found)
        {
            var references = XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference").Select(r => NameOf((string)r.Attribute("Include")!));
            Assert.All(references, r => Assert.True(_allowed[NameOf(project)].Contains(r), $"{project} must not reference {r}"));
        }
    }

    /// <summary>Core references no package, so that its purity is proven by compiling.</summary>
    [Fact]
    public void Core_references_no_package()
    {
        var core = XDocument.Parse(Repository.Read("src/Core/Switchboard.Core.csproj"));
        Assert.Empty(core.Descendants("PackageReference"));
        Assert.Empty(core.Descendants("FrameworkReference"));
    }

    /// <summary>Grains know no Kestrel and no gRPC; the front door knows no grain class.</summary>
    [Fact]
    public void Grains_and_front_door_meet_only_in_the_abstractions()
    {
        Assert.All(Repository.Sources("src/Grains", "src/Abstractions", "src/Core"), f => Assert.DoesNotContain("Microsoft.AspNetCore", Repository.Read(f), StringComparison.Ordinal));
        Assert.All(Repository.Sources("src/Grains", "src/Abstractions", "src/Core"), f => Assert.DoesNotContain("using Grpc", Repository.Read(f), StringComparison.Ordinal));
        Assert.All(Repository.Sources("src/Api"), f => Assert.DoesNotContain("Switchboard.Grains", Repository.Read(f), StringComparison.Ordinal));
    }

    /// <summary>There is one code path: nothing in src/ is compiled by condition.</summary>
    [Fact]
    public void Source_has_no_conditional_code() =>
        Assert.All(Repository.Sources("src"), f => Assert.DoesNotMatch(@"(?m)^\s*#if\b", Repository.Read(f)));

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project.Replace('\\', '/')).Replace("Switchboard.", "", StringComparison.Ordinal);
}
