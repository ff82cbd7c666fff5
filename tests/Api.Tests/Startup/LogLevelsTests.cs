using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchboard.Silo.Hosting;

namespace Switchboard.Api.Tests.Startup;

/// <summary>The levels that the programs come with.</summary>
public sealed class LogLevelsTests
{
    private static readonly string[] _always = [$"--contentRoot={Path.GetTempPath()}", "--Switchboard:FrontDoor:DataFolder="];

    /// <summary>What libraries say of every step is not logged, whichever settings file there is; what the gateway says is.</summary>
    [Theory]
    [InlineData("Polly", false)]
    [InlineData("Orleans.Runtime.Catalog", false)]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", false)]
    [InlineData("Microsoft.Hosting.Lifetime", false)]
    [InlineData("Grpc.AspNetCore.Server.ServerCallHandler", false)]
    [InlineData("Switchboard.Api.Sessions.SessionLog", true)]
    public async Task Both_programs_are_quiet(string category, bool logged)
    {
        await using var silo = SiloProgram.Build(_always);
        await using var api = Program.Build(_always);
        Assert.Equal(logged, IsEnabled(silo.Services, category, LogLevel.Information));
        Assert.Equal(logged, IsEnabled(api.Services, category, LogLevel.Information));
    }

    [Theory]
    [InlineData("Orleans.Runtime.Watchdog")]
    [InlineData("Orleans.Runtime.Silo")]
    public async Task Warnings_that_nobody_can_act_on_are_not_logged(string category)
    {
        await using var silo = SiloProgram.Build(_always);
        Assert.False(IsEnabled(silo.Services, category, LogLevel.Warning));
        Assert.True(IsEnabled(silo.Services, category, LogLevel.Error));
        Assert.True(IsEnabled(silo.Services, "Orleans.Runtime.Catalog", LogLevel.Warning));
        Assert.False(IsEnabled(silo.Services, "Polly", LogLevel.Error));
    }

    [Theory]
    [InlineData("Polly")]
    [InlineData("Orleans")]
    [InlineData("Orleans.Runtime.Silo")]
    public async Task A_category_that_is_named_has_the_level_that_is_given(string category)
    {
        await using var silo = SiloProgram.Build([.. _always, $"--Logging:LogLevel:{category}=Trace"]);
        Assert.True(IsEnabled(silo.Services, category, LogLevel.Trace));
    }

    [Fact]
    public async Task The_default_level_is_the_gateways_own()
    {
        await using var silo = SiloProgram.Build([.. _always, "--Logging:LogLevel:Default=Debug"]);
        Assert.True(IsEnabled(silo.Services, "Switchboard.Api.Sessions.SessionLog", LogLevel.Debug));
        Assert.False(IsEnabled(silo.Services, "Polly", LogLevel.Information));
    }

    private static bool IsEnabled(IServiceProvider services, string category, LogLevel level) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);
}
