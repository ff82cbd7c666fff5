namespace Switchboard.Core.Benchmarks;

/// <summary>Threads that are there before the clock starts: each runs the same work once for each <see cref="Run"/>.</summary>
internal sealed class Crew : IDisposable
{
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly Thread[] _threads;
    private volatile Action<int>? _work;

    public Crew(int size)
    {
        _start = new Barrier(size + 1);
        _end = new Barrier(size + 1);
        _threads = [.. Enumerable.Range(0, size).Select(member => new Thread(() => Serve(member)) { IsBackground = true })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Runs the work on every thread and waits for all of them.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        _start.SignalAndWait();
        _end.SignalAndWait();
    }

    public void Dispose()
    {
        _work = null;
        _start.SignalAndWait();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _start.Dispose();
        _end.Dispose();
    }

    private void Serve(int member)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_work is not { } work)
            {
                return;
            }

            work(member);
            _end.SignalAndWait();
        }
    }
}
