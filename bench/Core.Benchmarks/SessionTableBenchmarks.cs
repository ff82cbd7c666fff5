using BenchmarkDotNet.Attributes;
using Switchboard.Core.Agents;

namespace Switchboard.Core.Benchmarks;

/// <summary>What every request asks (<c>Route</c>) and what a reconnect costs.</summary>
[MemoryDiagnoser]
public class SessionTableBenchmarks
{
    private readonly SessionTable _table = new(16);
    private ulong _next = 1_000;

    /// <summary>Sessions that still end their work beside the newest one.</summary>
    [Params(0, 4)]
    public int Retiring { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        for (int i = 0; i < Retiring; i++)
        {
            _table.Connect(new SessionId((ulong)i), 1, 0);
            _table.Retire(new SessionId((ulong)i));
        }
        _table.Connect(new SessionId(_next), 1, 0);
    }

    [Benchmark(Baseline = true)]
    public SessionEntry? Route() => _table.Route();

    /// <summary>A new session displaces the last one, whose disconnect comes late.</summary>
    [Benchmark]
    public bool Reconnect()
    {
        _table.Connect(new SessionId(++_next), 1, 0);
        return _table.Disconnect(new SessionId(_next - 1));
    }
}
