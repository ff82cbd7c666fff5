using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.FrontDoors;

/// <summary>T5: the order of a stop.</summary>
public sealed class ShutdownTests
{
    /// <summary>
    /// H7, A5: while a task runs the stop begins: readiness is off, the new are refused with 503, the running one gets its whole response, and
    /// only then the host is down.
    /// </summary>
    [Fact]
    public async Task What_runs_is_completed_and_what_comes_is_refused()
    {
        using var applier = new HeldApplier();
        await using var host = await RestHost.StartAsync(applier, "Switchboard:Shutdown:DrainTime=30s", "Switchboard:Tasks:Timeout=30s");
        var running = host.EchoAsync("running");
        await applier.WhenBegunAsync();
        var drain = host.App.Services.GetRequiredService<Drain>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = drain.Begun.Register(begun.SetResult);

        var stopped = host.App.StopAsync();
        await begun.Task.DefaultTimeout();

        using var refused = await host.EchoAsync("new").DefaultTimeout();
        await refused.ProblemAsync(HttpStatusCode.ServiceUnavailable, "draining");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(refused.Headers.ConnectionClose);
        using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)).DefaultTimeout();
        await ready.ProblemAsync(HttpStatusCode.ServiceUnavailable, "draining");
        using var live = await host.Client.GetAsync(new Uri("/health/live", UriKind.Relative)).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.False(stopped.IsCompleted);

        applier.LetGo();

        Assert.Equal("SUCCESS create \"running\"", await running.TextAsync());
        await stopped.DefaultTimeout();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.EchoAsync("after").DefaultTimeout());
        Assert.Equal(["running"], applier.Applied);
    }

    /// <summary>
    /// T5, A5: when the drain time is over what is still open gets a response, each by what is true of it; nobody is left to time out.
    /// </summary>
    [Fact]
    public async Task What_is_open_after_the_drain_time_gets_a_response()
    {
        using var applier = new HeldApplier();
        await using var host = await RestHost.StartAsync(applier, "Switchboard:Shutdown:DrainTime=100ms", "Switchboard:Tasks:Timeout=60s");
        var begun = host.EchoAsync("begun");
        await applier.WhenBegunAsync();
        var waiting = Enumerable.Range(0, 10).Select(i => host.EchoAsync($"waiting {i}")).ToList();
        await host.WhenTasksWaitAsync(11);

        var stopped = host.App.StopAsync();

        foreach (var call in waiting)
        {
            using var response = await call.DefaultTimeout();
            await response.ProblemAsync(HttpStatusCode.ServiceUnavailable, "draining");
        }

        using var unknown = await begun.DefaultTimeout();
        await unknown.ProblemAsync(HttpStatusCode.GatewayTimeout, "task-outcome-unknown");
        applier.LetGo();
        await stopped.DefaultTimeout();
    }
}
