using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Orleans;

/// <summary>Exceptions, timeouts, cancellation, one-way calls.</summary>
public sealed class FailureTests(GrainCluster cluster) : IClassFixture<GrainCluster>
{
    private readonly string _key = Diary.NewKey();

    private IWorker Worker => cluster.Grains.GetGrain<IWorker>(_key);

    private Diary Notes => Diary.Of(_key);

    [Fact]
    public async Task An_exception_reaches_the_caller_and_leaves_the_grain_alive()
    {
        var later = await Assert.ThrowsAsync<InvalidOperationException>(() => Worker.Fail("boom").DefaultTimeout());
        Assert.Equal("boom", later.Message);
        var atOnce = await Assert.ThrowsAsync<InvalidOperationException>(() => Worker.FailAtOnce("bang").DefaultTimeout());
        Assert.Equal("bang", atOnce.Message);
        Assert.Equal(1, await Worker.ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_its_turn_goes_on()
    {
        await Worker.Note("there").DefaultTimeout();
        var call = Worker.HoldBriefly("a");
        var thrown = await Assert.ThrowsAsync<TimeoutException>(() => call.DefaultTimeout());
        Assert.Contains("Response did not arrive on time in 00:00:01", thrown.Message, StringComparison.Ordinal);

        Notes.Open("a");
        await Notes.WhenAsync("held a");
        Assert.Equal(1, await Worker.ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task The_options_say_how_long_callers_wait()
    {
        await using var impatient = await GrainCluster.StartAsync(
            silo => silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(1)));
        var grains = impatient.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();
        await Assert.ThrowsAsync<TimeoutException>(() => grains.GetGrain<IWorker>(_key).Hold("a").DefaultTimeout());
        Notes.Open("a");
        await Notes.WhenAsync("held a");
    }

    [Fact]
    public async Task A_call_that_has_timed_out_before_its_turn_is_never_run()
    {
        var held = Worker.Hold("a");
        await Notes.WhenAsync("holding a");
        await Assert.ThrowsAsync<TimeoutException>(() => Worker.HoldBriefly("late").DefaultTimeout());
        Notes.Open("a");
        await held.DefaultTimeout();
        await Worker.Note("after").DefaultTimeout();
        Assert.DoesNotContain("holding late", Notes.Entries);
    }

    [Fact]
    public async Task A_cancelled_call_ends_for_both_sides()
    {
        using var source = new CancellationTokenSource();
        var call = Worker.WaitForCancel("a", source.Token);
        await Notes.WhenAsync("waiting a");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.DefaultTimeout());
        await Notes.WhenAsync("cancelled True");
        Assert.Equal(1, await Worker.ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_its_turn_ends_at_once_and_does_not_run_uncancelled()
    {
        using var source = new CancellationTokenSource();
        var held = Worker.Hold("a");
        await Notes.WhenAsync("holding a");
        var call = Worker.WaitForCancel("late", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.DefaultTimeout());
        Notes.Open("a");
        await held.DefaultTimeout();
        await Worker.Note("after").DefaultTimeout();
        // In a cluster the cancellation may come after the turn has begun; then it runs with a cancelled token.
        Assert.Equal(Notes.Entries.Contains("waiting late"), Notes.Entries.Contains("cancelled True"));
    }

    [Fact]
    public async Task A_call_with_a_token_that_is_cancelled_already_is_not_sent()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Worker.WaitForCancel("a", cancelled).DefaultTimeout());
        await Worker.Note("after").DefaultTimeout();
        Assert.DoesNotContain("waiting a", Notes.Entries);
    }

    [Fact]
    public async Task One_way_calls_run_and_their_failure_is_not_seen()
    {
        await Worker.OneWay("sent", fail: true).DefaultTimeout();
        await Notes.WhenAsync("sent");
        Worker.Void("void");
        await Notes.WhenAsync("void");
        Assert.Equal(1, await Worker.ActivationNumber().DefaultTimeout());
    }

    [Fact]
    public async Task Too_many_waiting_calls_are_refused_where_a_limit_is_set()
    {
        await using var limited = await GrainCluster.StartAsync(
            silo => silo.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = 5));
        var worker = limited.Client.GetGrain<IWorker>(_key);
        var held = worker.Hold("a");
        await Notes.WhenAsync("holding a");
        var calls = Enumerable.Range(0, 20).Select(i => worker.Add(i, 0)).ToArray();
        // One runs and five wait: the other fifteen are refused, whichever they are.
        var open = calls.ToList<Task>();
        for (var refused = 0; refused < 15; refused++)
        {
            var ended = await Task.WhenAny(open).DefaultTimeout();
            open.Remove(ended);
            await Assert.ThrowsAsync<LimitExceededException>(() => ended);
        }

        Notes.Open("a");
        await held.DefaultTimeout();
        await Task.WhenAll(open).DefaultTimeout();
    }

    [Fact]
    public void An_interface_that_no_grain_implements_is_refused()
        => Assert.Throws<ArgumentException>(() => cluster.Grains.GetGrain<INobody>("x"));

    [Fact]
    public void An_empty_key_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => cluster.Grains.GetGrain<IWorker>(""));
        Assert.ThrowsAny<ArgumentException>(() => cluster.Grains.GetGrain<IWorker>((string)null!));
    }
}

[Alias("compat.nobody")]
public interface INobody : IGrainWithStringKey
{
    [Alias("Idle")]
    Task Idle();
}
