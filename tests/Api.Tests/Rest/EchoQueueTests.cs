using System.Net;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary>What callers of <c>/echo</c> are told when the queue does not simply apply their task.</summary>
public sealed class EchoQueueTests
{
    /// <summary>A1: a full queue is 429 with Retry-After, and what was refused is never applied.</summary>
    [Fact]
    public async Task A_full_queue_refuses()
    {
        using var applier = new HeldApplier();
        await using var host = await RestHost.StartAsync(applier, "Switchboard:Grains:QueueCapacity=2");
        var first = host.EchoAsync("first");
        await applier.WhenBegunAsync();
        var second = host.EchoAsync("second");
        var third = host.EchoAsync("third");
        await host.WhenTasksWaitAsync(3);

        using var refused = await host.EchoAsync("refused").DefaultTimeout();

        var problem = await refused.ProblemAsync(HttpStatusCode.TooManyRequests, "overloaded");
        Assert.False(problem.GetProperty("sent").GetBoolean());
        Assert.NotNull(refused.Headers.RetryAfter);
        applier.LetGo();
        await Task.WhenAll(first.TextAsync(), second.TextAsync(), third.TextAsync());
        Assert.Equal(["first", "second", "third"], applier.Applied.Order());
    }

    /// <summary>A2, A3, N1: one deadline; what waited is not applied, ever; what had begun is told apart; nothing is left.</summary>
    [Fact]
    public async Task A_task_whose_time_is_up_says_whether_it_had_begun()
    {
        using var applier = new HeldApplier();
        await using var host = await RestHost.StartAsync(applier, "Switchboard:Tasks:Timeout=2s");
        var begun = host.EchoAsync("begun");
        await applier.WhenBegunAsync();
        var waiting = host.EchoAsync("waiting");

        using var late = await waiting.DefaultTimeout();
        using var unknown = await begun.DefaultTimeout();

        Assert.False((await late.ProblemAsync(HttpStatusCode.GatewayTimeout, "expired-unsent")).GetProperty("sent").GetBoolean());
        Assert.True((await unknown.ProblemAsync(HttpStatusCode.GatewayTimeout, "task-outcome-unknown")).GetProperty("sent").GetBoolean());
        Assert.Equal(0, await host.MetricAsync("switchboard_requests_pending"));
        applier.LetGo();
        Assert.Equal("SUCCESS create \"next\"", await host.EchoAsync("next").TextAsync());
        Assert.Equal(["begun", "next"], applier.Applied);
    }

    /// <summary>A9: a task that its applier throws at is 500, its words stay inside, and the ones around it are applied.</summary>
    [Fact]
    public async Task A_poisoned_task_fails_alone()
    {
        using var applier = new HeldApplier();
        applier.LetGo();
        await using var host = await RestHost.StartAsync(applier);

        var calls = Enumerable.Range(0, 9).Select(i => host.EchoAsync(i == 4 ? "poison" : $"good {i}")).ToList();
        await Task.WhenAll(calls).DefaultTimeout();

        for (var i = 0; i < calls.Count; i++)
        {
            using var response = await calls[i];
            if (i == 4)
            {
                var problem = await response.ProblemAsync(HttpStatusCode.InternalServerError, "applier-failed");
                Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal($"SUCCESS create \"good {i}\"", await response.Content.ReadAsStringAsync());
            }
        }

        Assert.Equal("SUCCESS create \"after\"", await host.EchoAsync("after").TextAsync());
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
    }

    /// <summary>H6: a caller that goes away while its task waits: the task is skipped, and nothing is left of it.</summary>
    [Fact]
    public async Task A_caller_that_left_takes_its_waiting_task_along()
    {
        using var applier = new HeldApplier();
        await using var host = await RestHost.StartAsync(applier);
        var first = host.EchoAsync("first");
        await applier.WhenBegunAsync();
        using var leave = new CancellationTokenSource();
        var left = host.EchoAsync("left", leave.Token);
        await host.WhenTasksWaitAsync(2);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        // The first is held all the time: that only it waits can only come of the other's having been withdrawn.
        await host.WhenTasksWaitAsync(1);
        applier.LetGo();
        await first.TextAsync();
        await host.EchoAsync("last").TextAsync();
        Assert.Equal(["first", "last"], applier.Applied);
    }
}
