using Switchboard.Api.Startup;
using Switchboard.Silo.Hosting;

namespace Switchboard.Api.Tests.Startup;

/// <summary>The settings file of the root, with the program that reads it.</summary>
public sealed class SettingsFileTests
{
    /// <summary>Every key of it is a setting, and every value is one that the program accepts.</summary>
    [Fact]
    public void The_program_accepts_the_file_that_comes_with_it()
    {
        using var app = SiloProgram.Build([$"--contentRoot={AppContext.BaseDirectory}", "--Switchboard:FrontDoor:DataFolder="]);
        Assert.Equal("5s", app.Configuration["Switchboard:Tasks:Timeout"]);
    }

    /// <summary>What is wrong anywhere is said at once, the ports among it that Kestrel reads while the host is being built.</summary>
    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var errors = new StringWriter();
        string[] settings = ["--Switchboard:Listen:HttpPort=99999", "--Switchboard:Grains:QueueCapacity=0", "--Switchboard:Requests:Nonsense=1", "--Switchboard:Silo:SiloPort=x"];
        var exit = await StartupErrors.RunAsync(() => SiloProgram.Build(settings), errors, _ => Task.CompletedTask);
        Assert.Equal(2, exit);
        Assert.Equal(4, errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("Switchboard:Listen:HttpPort is '99999'", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Switchboard:Grains:QueueCapacity is 0", errors.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Entries of a list are checked as settings are: unknown keys and values that cannot be read too.</summary>
    [Fact]
    public async Task Wrong_policies_are_named_by_their_place()
    {
        var errors = new StringWriter();
        string[] settings =
        [
            "--Switchboard:Agents:Policies:0:Pattern=runner-*", "--Switchboard:Agents:Policies:0:Policy=pol",
            "--Switchboard:Agents:Policies:1:Pattern=", "--Switchboard:Agents:Policies:2:Patern=x", "--Switchboard:Agents:Policies:2:Pattern=ok",
        ];
        var exit = await StartupErrors.RunAsync(() => SiloProgram.Build(settings), errors, _ => Task.CompletedTask);
        Assert.Equal(2, exit);
        var text = errors.ToString();
        Assert.Contains("Switchboard:Agents:Policies:0:Policy is 'pol'; it must be one of Latest, Pool.", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Agents:Policies:1:Pattern is ''", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Agents:Policies:2:Patern is not a setting", text, StringComparison.Ordinal);
    }

    /// <summary>S3: no setting makes a dead connection be found later than within 30 s.</summary>
    [Fact]
    public async Task Intervals_that_find_a_dead_connection_too_late_are_refused()
    {
        var errors = new StringWriter();
        string[] settings = ["--Switchboard:Sessions:HeartbeatInterval=12s", "--Switchboard:Sessions:WriteTimeout=18s", "--Switchboard:Listen:KeepAlivePing=16s"];
        Assert.Equal(2, await StartupErrors.RunAsync(() => SiloProgram.Build(settings), errors, _ => Task.CompletedTask));
        Assert.Contains("HeartbeatInterval 00:00:12 and WriteTimeout 00:00:18 together", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Switchboard:Listen:KeepAlivePing is '00:00:16'", errors.ToString(), StringComparison.Ordinal);
    }
}
