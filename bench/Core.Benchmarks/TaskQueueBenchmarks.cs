using BenchmarkDotNet.Attributes;
using Switchboard.Core.Tasks;

namespace Switchboard.Core.Benchmarks;

/// <summary>One task's way through the queue, against a bare queue that can neither withdraw, expire nor tell a duplicate.</summary>
[MemoryDiagnoser]
public class TaskQueueBenchmarks
{
    private static readonly TimeSpan _later = TimeSpan.FromSeconds(5);
    private readonly TaskQueue<string> _queue = new(2_000);
    private readonly Queue<string> _bare = new();
    private ulong _id;

    /// <summary>How many wait ahead of it.</summary>
    [Params(0, 1_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Waiting; i++)
        {
            _queue.Submit(++_id, "payload", _later, TimeSpan.Zero);
            _bare.Enqueue("payload");
        }
    }

    [Benchmark(Baseline = true)]
    public string BareQueue()
    {
        _bare.Enqueue("payload");
        return _bare.Dequeue();
    }

    [Benchmark]
    public bool SubmitBeginComplete()
    {
        _queue.Submit(++_id, "payload", _later, TimeSpan.Zero);
        return _queue.Complete(_queue.TryBegin(TimeSpan.Zero).Task!.Id);
    }

    [Benchmark]
    public WithdrawResult SubmitWithdraw()
    {
        _queue.Submit(++_id, "payload", _later, TimeSpan.Zero);
        return _queue.Withdraw(_id);
    }
}
