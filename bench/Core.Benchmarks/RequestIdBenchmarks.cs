using BenchmarkDotNet.Attributes;
using Switchboard.Core.Ids;

namespace Switchboard.Core.Benchmarks;

/// <summary>Ids of one generator that N threads share, against a counter behind a lock.</summary>
[MemoryDiagnoser]
public class RequestIdBenchmarks
{
    private const int Ids = 100_000;
    private readonly RequestIdGenerator _generator = new(1, DateTimeOffset.UnixEpoch);
    private readonly Lock _gate = new();
    private ulong _counter;
    private Crew _crew = null!;

    /// <summary>How many at once.</summary>
    [Params(1, 2, 4)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void SetUp() => _crew = new Crew(Threads);

    [GlobalCleanup]
    public void CleanUp() => _crew.Dispose();

    /// <summary>A plain counter, made safe.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Ids)]
    public ulong LockedCounter()
    {
        _crew.Run(_ =>
        {
            for (var i = 0; i < Ids / Threads; i++)
            {
                lock (_gate)
                {
                    _counter++;
                }
            }
        });
        return _counter;
    }

    /// <summary>As we do.</summary>
    [Benchmark(OperationsPerInvoke = Ids)]
    public void Next() => _crew.Run(_ =>
    {
        for (var i = 0; i < Ids / Threads; i++)
        {
            _generator.Next();
        }
    });
}
