using ArchUnitNET.Loader;
using Switchboard.Api;

namespace Switchboard.Architecture.Tests;

/// <summary>Which folder of the front door may know which, by the types that each uses.</summary>
public sealed class FolderTests
{
    private const string Root = "Switchboard.Api";

    /// <summary>
    /// Each folder, and those below it that it may use. A folder stands below all that use it, so the table itself has no cycle. The
    /// root folder puts everything together, and may use all.
    /// </summary>
    private static readonly (string Folder, string[] Uses)[] _layers =
    [
        ("Hosting", []),
        ("Time", []),
        ("Verdicts", []),
        ("Telemetry", ["Hosting", "Time", "Verdicts"]),
        ("Admission", ["Hosting", "Time", "Verdicts", "Telemetry"]),
        ("FrontDoors", ["Hosting", "Time", "Verdicts", "Telemetry"]),
        ("Routing", ["Hosting", "Time", "Verdicts", "Telemetry", "FrontDoors"]),
        ("Sessions", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Routing"]),
        ("Tasks", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors"]),
        ("Requests", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Routing", "Sessions"]),
        ("Durable", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Routing", "Sessions", "Requests"]),
        ("Rest", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Sessions", "Tasks", "Requests", "Durable"]),
        ("Grpc", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Sessions", "Requests"]),
        ("Peers", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "FrontDoors", "Routing", "Sessions", "Tasks", "Requests", "Durable", "Grpc"]),
        ("Listening", ["Hosting", "Time", "Verdicts", "Telemetry", "Admission", "Rest", "Grpc", "Peers"]),
        ("Startup", ["Hosting", "Verdicts", "Telemetry", "Sessions", "Listening"]),
    ];

    /// <summary>The front door's folders depend in one direction.</summary>
    [Fact]
    public void Folders_of_the_front_door_depend_in_one_direction()
    {
        var architecture = new ArchLoader().LoadAssembly(typeof(SwitchboardApiExtensions).Assembly).Build();
        var wrong = architecture.Types
            .Where(type => Folder(type.FullName) is not null)
            .SelectMany(type => type.Dependencies.Select(use => (From: type, To: use.Target)))
            .Where(use => Folder(use.To.FullName) is { } to && to != Folder(use.From.FullName) && !MayUse(Folder(use.From.FullName)!, to))
            .Select(use => $"{Folder(use.From.FullName)} -> {Folder(use.To.FullName)}: {use.From.FullName} uses {use.To.FullName}")
            .Distinct()
            .Order()
            .ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>The table names every folder, in an order in which each uses only those before it.</summary>
    [Fact]
    public void The_table_is_whole_and_has_no_cycle()
    {
        var folders = Repository.Sources("src/Api").Select(file => file.Split('/')).Where(parts => parts.Length > 3).Select(parts => parts[2]).Distinct().Order();
        Assert.Equal(folders, _layers.Select(layer => layer.Folder).Order());
        for (var i = 0; i < _layers.Length; i++)
        {
            Assert.All(_layers[i].Uses, used => Assert.Contains(used, _layers.Take(i).Select(layer => layer.Folder)));
        }
    }

    private static bool MayUse(string from, string to) => _layers.Single(layer => layer.Folder == from).Uses.Contains(to);

    // A namespace is its folder (IDE0130). Null: the root folder, or another assembly.
    private static string? Folder(string type)
    {
        if (!type.StartsWith(Root + ".", StringComparison.Ordinal))
        {
            return null;
        }

        var name = type[(Root.Length + 1)..];
        var end = name.IndexOf('.', StringComparison.Ordinal);
        return end < 0 ? null : name[..end];
    }
}
