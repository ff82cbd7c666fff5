using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Switchboard.Api.Hosting;
using Switchboard.Api.Startup;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Startup;

/// <summary>How a program starts: command line, settings, ports.</summary>
public sealed class HostingTests
{
    /// <summary>H8: what is not an option is refused, by name.</summary>
    [Theory]
    [InlineData("--bogus", "--bogus")]
    [InlineData("--bogus=1", "--bogus")]
    [InlineData("bogus", "'bogus'")]
    [InlineData("--urls=http://*:80", "--urls")]
    [InlineData("--Switchboard:Listen:HttpPort", "lacks its value")]
    [InlineData("-demo", "'-demo'")]
    public void The_command_line_refuses_what_it_does_not_know(string arg, string names)
    {
        var line = CommandLine.Parse([arg], "demo");

        Assert.Contains(names, Assert.Single(line.Problems), StringComparison.Ordinal);
        using var errors = new StringWriter();
        Assert.False(StartupErrors.Accept(line, errors));
        Assert.Equal(2, StartupErrors.BadSettings);
    }

    [Fact]
    public void The_command_line_takes_flags_and_settings()
    {
        var line = CommandLine.Parse(["--demo", "--Switchboard:Listen:HttpPort", "9000", "--Logging:LogLevel:Default=Debug"], "demo");

        Assert.Empty(line.Problems);
        Assert.Equal(["demo"], line.Flags);
        Assert.Equal(["--Switchboard:Listen:HttpPort=9000", "--Logging:LogLevel:Default=Debug"], line.Settings);
    }

    /// <summary>H8, A. item 1: all that is wrong in any section, at once, each with key, value and bound; exit code 2.</summary>
    [Fact]
    public async Task Every_wrong_setting_is_named_at_once()
    {
        var app = () => RestHost.Build(
            new FakeLogCollector(),
            services: null,
            "Switchboard:Listen:HttpPort=70000",
            "Switchboard:Listen:Address=localhost",
            "Switchboard:Listen:Colour=red",
            "Switchboard:Tasks:Timeout=5",
            "Switchboard:Tasks:MaxBodyBytes=lots",
            "Switchboard:Shutdown:DrainTime=2h",
            "Switchboard:Requests:MaxPending=0",
            "Switchboard:Nowhere:X=1",
            "Switchboard:FrontDoor:RebalanceRate=2",
            "Switchboard:FrontDoor:Lanes=2");
        using var errors = new StringWriter();

        var exitCode = await StartupErrors.RunAsync(app, errors, static _ => Task.CompletedTask).DefaultTimeout();

        Assert.Equal(StartupErrors.BadSettings, exitCode);
        var text = errors.ToString();
        Assert.Contains("Switchboard:Listen:HttpPort is '70000'; it must be from 0 to 65535.", text, StringComparison.Ordinal);
        Assert.Contains("Address is 'localhost'; it must be an IP address.", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Listen:Colour is not a setting", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Tasks:Timeout is '5'; it must be a time with its unit", text, StringComparison.Ordinal);
        Assert.Contains("Tasks:MaxBodyBytes is 'lots'; it must be a whole number, from 1 to 67108864.", text, StringComparison.Ordinal);
        Assert.Contains("Shutdown:DrainTime is '02:00:00'; it must be from 00:00:00 to 01:00:00.", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Requests:MaxPending is '0'", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:Nowhere is not a section", text, StringComparison.Ordinal);
        Assert.Contains("FrontDoor:RebalanceRate is '2'; it must be from 0.0001 to 1.", text, StringComparison.Ordinal);
        Assert.Contains("Switchboard:FrontDoor:Lanes is called Switchboard:FrontDoor:Observers now.", text, StringComparison.Ordinal);
    }

    /// <summary>H9: a port that is taken is one line with address and key, and a non-zero exit.</summary>
    [Theory]
    [InlineData("HttpPort")]
    [InlineData("GrpcPort")]
    public async Task A_taken_port_is_one_clear_line(string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var end = (IPEndPoint)other.LocalEndpoint;
        var log = new FakeLogCollector();
        var app = RestHost.Build(log, services: null, $"Switchboard:Listen:{key}={end.Port}");
        using var errors = new StringWriter();

        var exitCode = await StartupErrors.RunAsync(app, errors).DefaultTimeout();

        Assert.Equal(StartupErrors.CannotListen, exitCode);
        Assert.Contains($"{end}", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Switchboard:Listen:{key}", errors.ToString(), StringComparison.Ordinal);
        Assert.Single(errors.ToString().Trim().Split('\n'));
        Assert.DoesNotContain(log.GetSnapshot(), static l => l.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("7d", 604800)]
    [InlineData("00:00:30", 30)]
    public void Times_are_read_with_their_unit(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData("1e9d")]
    [InlineData("99999999999999d")]
    [InlineData("10 s")]
    public void Times_without_a_unit_are_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void A_value_set_in_code_is_kept_by_the_check()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("Switchboard:Sample:Number", "3")]);
        builder.Services.AddSwitchboardOptions<Sample>("Switchboard:Sample").Configure<Sample>(static o => o.Number = 4);
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(4, services.GetRequiredService<IOptions<Sample>>().Value.Number);
    }

    private sealed class Sample
    {
        [Range(1, 5)]
        public int Number { get; set; } = 1;
    }
}
