using BenchmarkDotNet.Attributes;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Benchmarks;

/// <summary>Seeds N5: register and trigger by 1..N threads, shards against one dictionary behind one lock.</summary>
[MemoryDiagnoser]
public class PendingRepliesBenchmarks
{
    private const int Pairs = 20_000;
    private readonly object _waiter = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, object> _one = [];
    private readonly PendingReplies<object> _shards = new(100_000);
    private Crew _crew = null!;

    /// <summary>How many at once.</summary>
    [Params(1, 2, 4, 8)]
    public int Threads { get; set; }

    /// <summary>Some thousand others wait meanwhile, as in a busy front door.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _crew = new Crew(Threads);
        for (ulong id = 0; id < 5_000; id++)
        {
            _one[(1UL << 40) + id] = _waiter;
            _shards.Register((1UL << 40) + id, _waiter);
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _crew.Dispose();

    /// <summary>As the seeds did it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pairs)]
    public void OneLock() => _crew.Run(member =>
    {
        for (var i = 0; i < Pairs / Threads; i++)
        {
            var id = (ulong)(i * Threads + member);
            lock (_gate)
            {
                _one.Add(id, _waiter);
            }

            lock (_gate)
            {
                _one.Remove(id);
            }
        }
    });

    /// <summary>As we do.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void PendingReplies() => _crew.Run(member =>
    {
        for (var i = 0; i < Pairs / Threads; i++)
        {
            var id = (ulong)(i * Threads + member);
            _shards.Register(id, _waiter);
            _shards.TryTrigger(id, out _);
        }
    });
}
