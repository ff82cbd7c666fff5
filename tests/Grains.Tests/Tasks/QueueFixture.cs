using Microsoft.Extensions.DependencyInjection;
using Switchboard.Abstractions.Tasks;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Tasks;

/// <summary>One queue with the test's applier, and a front door that waits for the outcomes.</summary>
internal sealed class QueueFixture : IAsyncDisposable
{
    private ulong _lastId;

    private QueueFixture(GrainCluster cluster, FakeFrontDoor door, TestApplier applier) =>
        (Cluster, Door, Applier) = (cluster, door, applier);

    public GrainCluster Cluster { get; }

    public ManualTimeProvider Time => Cluster.Time;

    public FakeFrontDoor Door { get; }

    public TestApplier Applier { get; }

    public ITaskQueueGrain Queue => Cluster.Grains.GetGrain<ITaskQueueGrain>("default/test");

    public static async Task<QueueFixture> StartAsync(int capacity = 10_000, long bytes = 1 << 20)
    {
        var applier = new TestApplier();
        var settings = new Dictionary<string, string?>
        {
            [$"{GrainOptions.SectionName}:{nameof(GrainOptions.QueueCapacity)}"] = $"{capacity}",
            [$"{GrainOptions.SectionName}:{nameof(GrainOptions.QueueCapacityBytes)}"] = $"{bytes}",
        };
        var cluster = await GrainCluster.StartAsync(silo => silo.Services.AddSingleton<ITaskApplier>(applier), settings);
        return new QueueFixture(cluster, await cluster.DoorAsync(), applier);
    }

    public TaskSubmission Task(string kind, double seconds = 5, FakeFrontDoor? door = null, int bytes = 8)
    {
        var id = Interlocked.Increment(ref _lastId);
        var payload = new byte[bytes];
        BitConverter.TryWriteBytes(payload, id);
        return new TaskSubmission
        {
            TaskId = id,
            Kind = kind,
            Payload = payload,
            TimeLeft = TimeSpan.FromSeconds(seconds),
            Observer = (door ?? Door).Reference,
        };
    }

    public async Task<ulong> SubmitAsync(string kind, double seconds = 5, FakeFrontDoor? door = null)
    {
        var task = Task(kind, seconds, door);
        var submitted = await Queue.Submit(task).DefaultTimeout();
        Assert.Equal(TaskSubmitResult.Queued, submitted.Result);
        return task.TaskId;
    }

    public Task BegunAsync(ulong id) => Eventually.TrueAsync(() => Applier.Applied.Contains(id), $"task {id} to begin");

    /// <summary>The verdicts by task, once there are so many. A task with two outcomes fails the test.</summary>
    public async Task<Dictionary<ulong, Verdict>> OutcomesAsync(int count, FakeFrontDoor? door = null)
    {
        var outcomes = (door ?? Door).Outcomes;
        await Eventually.TrueAsync(() => outcomes.Count >= count, $"{count} outcomes");
        Assert.Equal(count, outcomes.Count);
        return outcomes.ToDictionary(o => o.TaskId, o => o.Verdict);
    }

    public async ValueTask DisposeAsync()
    {
        Applier.Gate.TrySetResult();
        await Cluster.DisposeAsync();
        Assert.False(Applier.Overlapped, "two tasks were applied at a time");
    }
}
