using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Tasks;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Tasks;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Tasks;

/// <summary><see cref="TaskSubmitter"/> against a queue that does what the test says, by a clock that the test turns.</summary>
public sealed class TaskSubmitterTests : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);
    private readonly ManualTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SwitchboardMeter>()
        .AddSingleton<PrometheusExporter>().BuildServiceProvider();

    private readonly Lifetime _lifetime = new();
    private readonly Drain _drain;
    private readonly TimerWheel _wheel;
    private readonly TaskSubmitter _tasks;
    private readonly ITaskQueueGrain _queue = DispatchProxy.Create<ITaskQueueGrain, FakeGrain>();

    public TaskSubmitterTests()
    {
        _drain = new Drain(_lifetime, Options.Create(new ShutdownOptions { DrainTime = TimeSpan.FromSeconds(3) }), _time);
        _services.GetRequiredService<PrometheusExporter>();
        var clock = new GatewayClock(_time);
        _tasks = new TaskSubmitter(
            Options.Create(new TaskOptions { Timeout = _timeout, MaxWaiting = 2 }),
            null!,
            new LoneFrontDoor(),
            _drain,
            _services.GetRequiredService<SwitchboardMeter>(),
            clock,
            _wheel = new TimerWheel(clock),
            NullLogger<TaskSubmitter>.Instance);
    }

    private FakeGrain Queue => (FakeGrain)(object)_queue;

    public void Dispose()
    {
        _tasks.Dispose();
        _wheel.Dispose();
        _drain.Dispose();
        _lifetime.Dispose();
        _services.Dispose();
    }

    /// <summary>N1: nothing is left, however it ends.</summary>
    [Fact]
    public async Task An_outcome_ends_it()
    {
        Queue.OnSubmit = task =>
        {
            // Before the reply to the submission, as it can happen.
            _tasks.Complete([new TaskOutcome { TaskId = task.TaskId, Verdict = Verdict.Answered, Result = task.Payload }]);
            return Queued();
        };

        var result = await SubmitAsync();

        Assert.Equal(Verdict.Answered, result.Verdict);
        Assert.Equal(0, _tasks.Pending);
        Assert.Equal(0, _drain.Running);
    }

    /// <summary>A2: the deadline counts from arrival, once: what was spent before the queue had it is not given again.</summary>
    [Fact]
    public async Task One_deadline_from_arrival()
    {
        var arrived = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(3));
        Queue.OnSubmit = _ => Queued();
        Queue.OnWithdraw = static _ => TaskWithdrawResult.Withdrawn;

        var call = SubmitAsync(arrived);
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(60));

        Assert.Equal(Verdict.ExpiredUnsent, (await call.DefaultTimeout()).Verdict);
        Assert.InRange(Queue.Submitted.Single().TimeLeft, TimeSpan.FromSeconds(1.99), TimeSpan.FromSeconds(2));
    }

    /// <summary>A2, W6's rule for tasks: whose time was up before it could be queued never gets there.</summary>
    [Fact]
    public async Task What_comes_too_late_is_not_submitted()
    {
        var arrived = _time.GetTimestamp();
        _time.Advance(_timeout);

        Assert.Equal(Verdict.ExpiredUnsent, (await SubmitAsync(arrived)).Verdict);
        Assert.Empty(Queue.Submitted);
    }

    /// <summary>A3: the queue says what is true of a task at its deadline.</summary>
    [Theory]
    [InlineData(TaskWithdrawResult.Withdrawn, Verdict.ExpiredUnsent, false)]
    [InlineData(TaskWithdrawResult.Begun, Verdict.TaskOutcomeUnknown, true)]
    public async Task At_the_deadline_the_queue_decides(TaskWithdrawResult withdrawn, Verdict verdict, bool begun)
    {
        Queue.OnSubmit = _ => Queued();
        Queue.OnWithdraw = _ => withdrawn;

        var result = await AtDeadlineAsync(SubmitAsync());

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(begun, result.Begun);
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>A3: a task that is not in the queue any more has ended; its outcome is on its way, and counts.</summary>
    [Fact]
    public async Task An_outcome_on_its_way_at_the_deadline_counts()
    {
        Queue.OnSubmit = _ => Queued();
        Queue.OnWithdraw = id =>
        {
            _tasks.Complete([new TaskOutcome { TaskId = id, Verdict = Verdict.Answered }]);
            return TaskWithdrawResult.Unknown;
        };

        Assert.Equal(Verdict.Answered, (await AtDeadlineAsync(SubmitAsync())).Verdict);
    }

    /// <summary>R4: neither a queue that never replies nor an outcome that never comes is waited for without a bound.</summary>
    [Fact]
    public async Task A_queue_that_says_nothing_leaves_the_outcome_unknown()
    {
        Queue.OnSubmit = static _ => new TaskCompletionSource<TaskSubmitted>().Task;
        Queue.OnWithdraw = static _ => TaskWithdrawResult.Unknown;

        var call = SubmitAsync();
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(1));
        _time.Advance(_timeout + TimeSpan.FromMilliseconds(60));
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal(Verdict.TaskOutcomeUnknown, (await call.DefaultTimeout()).Verdict);
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>N6: an id in use is drawn again, and the caller hears nothing of it.</summary>
    [Fact]
    public async Task A_duplicate_id_is_drawn_again()
    {
        Queue.OnSubmit = task =>
        {
            if (Queue.Submitted.Count < 3)
            {
                return Task.FromResult(new TaskSubmitted { Result = TaskSubmitResult.DuplicateId });
            }

            _tasks.Complete([new TaskOutcome { TaskId = task.TaskId, Verdict = Verdict.Answered }]);
            return Queued();
        };

        Assert.Equal(Verdict.Answered, (await SubmitAsync()).Verdict);
        Assert.Equal(3, Queue.Submitted.Select(static t => t.TaskId).Distinct().Count());
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>A1, A6: what the queue refuses is told at once, by type.</summary>
    [Theory]
    [InlineData(TaskSubmitResult.Full, Verdict.Overloaded)]
    [InlineData(TaskSubmitResult.Stopping, Verdict.Draining)]
    public async Task A_refusal_is_told_at_once(TaskSubmitResult refusal, Verdict verdict)
    {
        Queue.OnSubmit = _ => Task.FromResult(new TaskSubmitted { Result = refusal });

        var result = await SubmitAsync();

        Assert.Equal(verdict, result.Verdict);
        Assert.False(result.Begun);
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>A submission that fails may have got there: the queue is asked.</summary>
    [Fact]
    public async Task A_failed_submission_is_looked_into()
    {
        Queue.OnSubmit = static _ => Task.FromException<TaskSubmitted>(new TimeoutException());
        Queue.OnWithdraw = static _ => TaskWithdrawResult.Begun;
        Assert.Equal(Verdict.TaskOutcomeUnknown, (await SubmitAsync()).Verdict);

        Queue.OnWithdraw = static _ => TaskWithdrawResult.Withdrawn;
        Assert.Equal(Verdict.Internal, (await SubmitAsync()).Verdict);
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>H6: a caller that left is noticed, its task withdrawn.</summary>
    [Fact]
    public async Task A_caller_that_left_is_noticed()
    {
        Queue.OnSubmit = _ => Queued();
        Queue.OnWithdraw = static _ => TaskWithdrawResult.Withdrawn;
        using var gone = new CancellationTokenSource();

        var call = SubmitAsync(callerGone: gone.Token);
        await gone.CancelAsync();
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(Verdict.CallerCancelled, (await call.DefaultTimeout()).Verdict);
        Assert.Equal(0, _tasks.Pending);
    }

    /// <summary>N7: an outcome that nobody waits for is counted, and that is all.</summary>
    [Fact]
    public void A_late_outcome_is_counted()
    {
        _tasks.Complete([new TaskOutcome { TaskId = 42, Verdict = Verdict.Answered }]);

        var metrics = _services.GetRequiredService<PrometheusExporter>().Render();
        Assert.Contains("switchboard_tasks_late_total 1", metrics, StringComparison.Ordinal);
    }

    /// <summary>N8: whoever brings the outcomes does not run the waiters' code: one that blocks stalls nobody.</summary>
    [Fact]
    public async Task A_waiter_that_blocks_does_not_stall_the_next_outcome()
    {
        Queue.OnSubmit = _ => Queued();
        using var release = new ManualResetEventSlim();

        // Away from the test's synchronisation context, which would take the waiters' code off the thread that brings the outcomes.
        var (blocking, second) = await Task.Run(() =>
        {
            var calls = (BlockAfterAsync(SubmitAsync(), release), SubmitAsync());
            _tasks.Complete([.. Queue.Submitted.Select(static t => new TaskOutcome { TaskId = t.TaskId, Verdict = Verdict.Answered })]);
            return calls;
        }).DefaultTimeout();

        Assert.Equal(Verdict.Answered, (await second.DefaultTimeout()).Verdict);
        release.Set();
        Assert.True(await blocking.DefaultTimeout(), "the outcomes were stuck in the first waiter's code");

        // Not on a thread of its own: what follows the await is what runs inside of Complete where continuations run inline.
        static async Task<bool> BlockAfterAsync(Task call, ManualResetEventSlim release)
        {
            await call;
            return release.Wait(TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>R5: past the cap it is overloaded, and nothing reaches the queue.</summary>
    [Fact]
    public async Task Callers_that_wait_have_a_cap()
    {
        Queue.OnSubmit = _ => Queued();
        _ = SubmitAsync();
        _ = SubmitAsync();

        Assert.Equal(Verdict.Overloaded, (await SubmitAsync()).Verdict);
        Assert.Equal(2, Queue.Submitted.Count);
    }

    /// <summary>A12: one timer for all who wait, none when nobody does, whatever came before.</summary>
    [Fact]
    public async Task One_timer_serves_all()
    {
        var counting = new CountingTime(_time);
        using var drain = new Drain(_lifetime, Options.Create(new ShutdownOptions()), counting);
        var clock = new GatewayClock(counting);
        using var wheel = new TimerWheel(clock);
        using var tasks = new TaskSubmitter(
            Options.Create(new TaskOptions { Timeout = _timeout }),
            null!,
            new LoneFrontDoor(),
            drain,
            _services.GetRequiredService<SwitchboardMeter>(),
            clock,
            wheel,
            NullLogger<TaskSubmitter>.Instance);
        Queue.OnSubmit = task =>
        {
            tasks.Complete([new TaskOutcome { TaskId = task.TaskId, Verdict = Verdict.Answered }]);
            return Queued();
        };

        for (var i = 0; i < 10_000; i++)
        {
            await tasks.SubmitAsync(_queue, "create", default, counting.GetTimestamp(), default);
        }

        Assert.Equal(1, counting.Timers);
    }

    /// <summary>A5, A6, T5: once the stop has begun nothing is taken; what waits when the drain ends gets its response at once.</summary>
    [Fact]
    public async Task A_stop_refuses_the_new_and_ends_the_waiting()
    {
        Queue.OnSubmit = _ => Queued();
        Queue.OnWithdraw = static _ => TaskWithdrawResult.Withdrawn;
        var waiting = SubmitAsync();

        var stop = _drain.StoppingAsync(default);
        Assert.Equal(Verdict.Draining, (await SubmitAsync()).Verdict);
        Assert.Single(Queue.Submitted);
        Assert.False(waiting.IsCompleted);
        await _time.WhenTimerIsSetAsync(TimeSpan.FromSeconds(2.9));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Verdict.Draining, (await waiting.DefaultTimeout()).Verdict);
        await stop.DefaultTimeout();
        Assert.Equal(0, _drain.Running);
    }

    private static Task<TaskSubmitted> Queued() => Task.FromResult(new TaskSubmitted { Result = TaskSubmitResult.Queued, Position = 1 });

    private Task<TaskResult> SubmitAsync(long? arrived = null, CancellationToken callerGone = default)
        => _tasks.SubmitAsync(_queue, "create", default, arrived ?? _time.GetTimestamp(), callerGone).AsTask();

    private async Task<TaskResult> AtDeadlineAsync(Task<TaskResult> call)
    {
        await _time.WhenTimerIsSetAsync(TimeSpan.FromMilliseconds(1));
        _time.Advance(_timeout + TimeSpan.FromMilliseconds(60));
        return await call.DefaultTimeout();
    }

    /// <summary>A queue's grain, made by reflection: a class that says it is one would be taken for one by Orleans.</summary>
    public class FakeGrain : DispatchProxy
    {
        private readonly Lock _gate = new();

        public Func<TaskSubmission, Task<TaskSubmitted>> OnSubmit { get; set; } = static _ => throw new InvalidOperationException();

        public Func<ulong, TaskWithdrawResult> OnWithdraw { get; set; } = static _ => throw new InvalidOperationException();

        public List<TaskSubmission> Submitted { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(ITaskQueueGrain.Withdraw))
            {
                return Task.FromResult(OnWithdraw((ulong)args![0]!));
            }

            lock (_gate)
            {
                Submitted.Add((TaskSubmission)args![0]!);
            }

            return OnSubmit((TaskSubmission)args[0]!);
        }
    }
}
