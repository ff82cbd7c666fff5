using BenchmarkDotNet.Attributes;
using Switchboard.Core.Agents;

namespace Switchboard.Core.Benchmarks;

/// <summary>
/// What every request asks (<c>Route</c>) and what a reconnect costs, against a plain dictionary that holds one session an agent.
/// </summary>
[MemoryDiagnoser]
public class SessionTableBenchmarks
{
    private const int Asks = 1_000;
    private readonly SessionTable _table = new(16);
    private readonly Dictionary<ulong, SessionEntry> _plain = [];
    private ulong _next = 1_000;

    /// <summary>Sessions that still end their work beside the newest one.</summary>
    [Params(0, 4)]
    public int Retiring { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Retiring; i++)
        {
            _table.Connect(new SessionId((ulong)i), 1, 0);
            _table.Retire(new SessionId((ulong)i));
        }
        _table.Connect(new SessionId(_next), 1, 0);
        _plain.Add(1, _table.Entries[^1]);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Asks)]
    public int PlainDictionary()
    {
        var sum = 0;
        for (var i = 0; i < Asks; i++)
        {
            sum += _plain.TryGetValue(1, out var entry) ? entry.FrontDoor : 0;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Asks)]
    public int Route()
    {
        var sum = 0;
        for (var i = 0; i < Asks; i++)
        {
            sum += _table.Route()?.FrontDoor ?? 0;
        }

        return sum;
    }

    /// <summary>A new session displaces the last one, whose disconnect comes late.</summary>
    [Benchmark]
    public bool Reconnect()
    {
        _table.Connect(new SessionId(++_next), 1, 0);
        return _table.Disconnect(new SessionId(_next - 1));
    }
}
