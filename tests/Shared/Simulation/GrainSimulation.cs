using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Switchboard.TestSupport.Simulation;

/// <summary>
/// One silo under a seed. All that grains, timers, reminders and callers do is done by one thread of its own, a turn at a time, in the
/// order that the seed draws; the clock is turned when there is nothing else to do, and now and then before that. A run that fails is
/// repeated by its seed.
/// </summary>
internal sealed class GrainSimulation
{
    /// <summary>Longer than this by the simulated clock no run takes; else something hangs.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    // The search through all assemblies takes longer than a run.
    private static readonly GrainClasses s_classes = GrainClasses.Find();

    private readonly int? _seed;
    private readonly SeededScheduler _scheduler;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private IServiceProvider? _services;

    private GrainSimulation(int? seed)
    {
        (_seed, _scheduler) = (seed, new SeededScheduler(seed));
        Time = new ManualTimeProvider { TimerTouched = _scheduler.RefuseStrangers };
    }

    /// <summary>The only clock that there is.</summary>
    public ManualTimeProvider Time { get; }

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _services ?? throw new InvalidOperationException("The silo has not been started.");

    /// <summary>What happened, in its order. Without a lock: there is one thread.</summary>
    public List<string> Trace { get; } = [];

    /// <summary>What was seen that no run may show. Kept apart, because whoever notices may have its exceptions caught.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Calls <paramref name="runs"/> on a thread of its own, not one of the pool's, so that work which escapes shows.</summary>
    public static Task OnItsOwnThreadAsync(Action runs)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                runs();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        thread.IsBackground = true;
        thread.Start();
        return done.Task;
    }

    /// <summary>
    /// Starts a silo, plays <paramref name="script"/> to its end, stops the silo and gives what happened. It throws what the script throws,
    /// and where anything ran outside of the scheduler. Null as seed: what became ready first goes first.
    /// </summary>
    public static GrainSimulation Run(int? seed, Action<ISiloBuilder> configure, Func<GrainSimulation, Task> script)
    {
        var run = new GrainSimulation(seed);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(run).AddSingleton<TimeProvider>(run.Time);
        builder.Services.AddSingleton(s_classes).AddSingleton<ITurnScheduler>(run._scheduler);
        builder.UseOrleans(configure);
        using var host = builder.Build();
        run._services = host.Services;
        // Not by the host: that goes on wherever the pool lets it.
        var services = host.Services.GetServices<IHostedService>().ToList();
        run.Play(async () =>
        {
            foreach (var service in services) await service.StartAsync(CancellationToken.None);
            await script(run);
            foreach (var service in services) await service.StopAsync(CancellationToken.None);
        });
        if (run._scheduler.Stranger is { } where) run.Violations.Add("another thread made a turn ready or set a timer: " + where);
        return run.Violations.Count == 0 ? run : throw run.Failure(string.Join(Environment.NewLine, run.Violations));
    }

    /// <summary>Somebody who calls grains, beside all others; what it awaits resumes in turns of its own.</summary>
    public Task StartCaller(Func<Task> caller) => new TurnQueue("a caller", _scheduler).RunAsync(caller);

    /// <summary>Waits for up to so many milliseconds by the simulated clock, as the seed draws.</summary>
    public Task PauseAsync(int most) => Task.Delay(TimeSpan.FromMilliseconds(_scheduler.Draw(most + 1)), Time);

    /// <summary>Writes to the trace, and looks where this is called from: it must be in a turn.</summary>
    public void Note(string what)
    {
        Trace.Add(string.Create(CultureInfo.InvariantCulture, $"{(Time.GetUtcNow() - Time.Start).TotalSeconds:0.###} {what}"));
        if (Environment.CurrentManagedThreadId != _thread || Thread.CurrentThread.IsThreadPoolThread)
        {
            Violations.Add($"{what}: on another thread");
        }

        if (TaskScheduler.Current is not TurnQueue { IsCurrent: true } || SynchronizationContext.Current is not null)
        {
            Violations.Add($"{what}: outside of a turn, in {TaskScheduler.Current}");
        }
    }

    private void Play(Func<Task> script)
    {
        var task = StartCaller(script);
        while (!task.IsCompleted)
        {
            if (_scheduler.RunOne())
            {
                // A little time passes while turns wait, too: a busy silo is a slow one.
                if (_scheduler.Draw(50) == 0) Time.Advance(TimeSpan.FromMilliseconds(50));
                continue;
            }

            var next = Time.UntilNextTimer;
            if (next is null || Time.GetUtcNow() + next - Time.Start > s_longest)
            {
                throw Failure("nothing is left to do, and the script has not ended. The last of what happened: "
                    + string.Join(" | ", Trace.TakeLast(20)));
            }

            Time.Advance(next.Value);
        }

        if (!task.IsCompletedSuccessfully) throw Failure($"the script failed: {task.Exception?.InnerException?.Message}", task.Exception);
    }

    private InvalidOperationException Failure(string what, Exception? inner = null) => new($"seed {_seed}: {what}", inner);
}
