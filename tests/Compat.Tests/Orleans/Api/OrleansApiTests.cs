using Switchboard.Compat.Tests.Grpc;

namespace Switchboard.Compat.Tests.Orleans.Api;

/// <summary>
/// api.txt beside this file is what of Orleans this repository may use, under the assembly that declares it. The stand-in declares
/// exactly that; the real assemblies declare all of it, and more. One of them is at hand wherever this is built (the project file says
/// how), so that what grains are written against is compared with the real thing even where Orleans does not restore.
/// </summary>
public sealed class OrleansApiTests
{
    private const string Abstractions = "Orleans.Core.Abstractions";

    private static readonly Dictionary<string, List<string>> s_listed = ReadList();

    [Fact]
    public void The_downloaded_abstractions_declare_what_the_list_says_of_them()
    {
        var real = ApiReader.Read(Path.Combine(AppContext.BaseDirectory, "reference", Abstractions + ".dll"));
        var declared = real.SelectMany(lines => lines).ToHashSet();
        // Were the wrong file read, or nothing at all, everything below would hold of it.
        Assert.True(declared.Count > 1000, $"{declared.Count} lines were read");
        Assert.Empty(s_listed[Abstractions].Except(declared));
        var others = s_listed.Where(section => section.Key != Abstractions).SelectMany(section => section.Value);
        Assert.Empty(others.Intersect(declared));
    }

    [Fact]
    public void The_packages_in_use_declare_what_the_list_says()
    {
        if (Packages.AreStandIns)
        {
            var (listed, has) = (s_listed.SelectMany(section => section.Value), ApiReader.Read(typeof(IGrain).Assembly.Location));
            var standIn = has.SelectMany(lines => lines).ToList();
            Assert.Empty(listed.Except(standIn));
            Assert.Empty(standIn.Except(listed));
            return;
        }

        foreach (var (assembly, lines) in s_listed)
        {
            var declared = ApiReader.Read(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")).SelectMany(all => all);
            Assert.Empty(lines.Except(declared));
        }
    }

    private static Dictionary<string, List<string>> ReadList()
    {
        var sections = new Dictionary<string, List<string>>();
        List<string> section = [];
        foreach (var line in File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "orleans-api.txt")).Where(line => line.Length > 0))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal)) sections.Add(line[2..], section = []);
            else section.Add(line);
        }

        return sections;
    }
}
