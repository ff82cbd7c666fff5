using Switchboard.Silo.Tests.Harness;

namespace Switchboard.Silo.Tests.Hosting;

/// <summary>The program and a file that it cannot use: one line that names it, and exit code 4.</summary>
public sealed class FileStartTests
{
    private const string Key = " (Switchboard:Storage:Path)";

    [Fact]
    public async Task One_that_another_process_has_open_is_refused()
    {
        await using var file = new TestFile();
        await using var first = file.Open();
        await AssertRefusedAsync(file.Path, $"'{file.Path}' is open in another process; each needs a file of its own.{Key}");
        var migrate = await ProgramRun.RunAsync("--migrate", Storage(file.Path));
        Assert.Equal((4, $"'{file.Path}' is open in another process; each needs a file of its own.{Key}"), (migrate.ExitCode, Assert.Single(migrate.Errors)));
    }

    [Fact]
    public async Task One_for_newer_programs_is_refused()
    {
        await using var file = new TestFile();
        await file.Open().DisposeAsync();
        file.Change("UPDATE switchboard_schema SET version = 9, oldest_program = 8");
        await AssertRefusedAsync(
            file.Path,
            $"'{file.Path}' has a schema of version 9, on which no program for a schema older than 8 may run; this one is for 1. Run a newer program.{Key}");
    }

    [Fact]
    public async Task One_that_is_damaged_is_refused()
    {
        await using var file = new TestFile();
        await File.WriteAllTextAsync(file.Path, string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        await AssertRefusedAsync(file.Path, $"'{file.Path}' is no database of SQLite, or its beginning is damaged.{Key}");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        await using var file = new TestFile();
        await File.WriteAllTextAsync(Path.Combine(file.Folder, "file"), "");
        var path = Path.Combine(file.Folder, "file", "switchboard.db");
        var run = await ProgramRun.RunAsync(Storage(path));
        Assert.Equal(4, run.ExitCode);
        Assert.StartsWith($"'{path}' cannot be opened: ", Assert.Single(run.Errors), StringComparison.Ordinal);
    }

    /// <summary>A start would do it too; said for who runs it before.</summary>
    [Fact]
    public async Task Migrate_makes_the_file_and_says_so()
    {
        await using var file = new TestFile();
        var first = await ProgramRun.RunAsync("--migrate", Storage(file.Path));
        Assert.Equal((0, $"The schema has version 1 now; it was not there.{Key}"), (first.ExitCode, first.Output.Trim()));
        var second = await ProgramRun.RunAsync("--migrate", Storage(file.Path));
        Assert.Equal((0, $"The schema has version 1; there was nothing to do.{Key}"), (second.ExitCode, second.Output.Trim()));
    }

    /// <summary>What one process keeps for itself is no storage of a cluster's; the default, too, is refused there.</summary>
    [Theory]
    [InlineData("--migrate")]
    [InlineData("--Switchboard:Peer:Port=0")]
    public async Task A_cluster_cannot_have_it(string argument)
    {
        var run = await ProgramRun.RunAsync(argument, "--Switchboard:Cluster:Provider=Redis", "--Switchboard:Cluster:ConnectionString=localhost:1");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "Switchboard:Storage:Provider is Sqlite, which is one process's own; with Switchboard:Cluster:Provider=Redis it must be PostgreSql "
            + "(or Memory, where nothing has to be kept).",
            Assert.Single(run.Errors));
    }

    [Fact]
    public async Task A_path_that_is_none_is_a_wrong_setting()
    {
        var run = await ProgramRun.RunAsync(Storage(" "));
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("Switchboard:Storage: Path is ' '; it must be the path of a file.", Assert.Single(run.Errors));
    }

    private static async Task AssertRefusedAsync(string path, string line)
    {
        var run = await ProgramRun.RunAsync(Storage(path));
        Assert.Equal((4, line), (run.ExitCode, Assert.Single(run.Errors)));
        Assert.Empty(run.Output);
    }

    private static string Storage(string path) => $"--Switchboard:Storage:Path={path}";
}
