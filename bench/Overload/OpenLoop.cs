using Switchboard.Bench.Load;

namespace Switchboard.Bench.Overload;

/// <summary>What came of one round's requests.</summary>
/// <param name="Offered">Requests that were due, a second.</param>
/// <param name="Admitted">Requests answered, a second.</param>
/// <param name="Latency">Of the answered: from when each was due, not from when it was sent.</param>
/// <param name="RefusalLatency">Of the refused, likewise.</param>
/// <param name="Late">How far the generator itself was behind its schedule at worst.</param>
internal sealed record LoadRound(double Offered, double Admitted, LatencyHistogram Latency, LatencyHistogram RefusalLatency, TimeSpan Late);

/// <summary>
/// Requests that come when they come, whatever became of those before: the times of their arrivals are drawn before (exponential gaps), and
/// each one's latency counts from its own. A generator that waited for answers, or counted from the sending, would leave out just the
/// requests that had it worst.
/// </summary>
internal static class OpenLoop
{
    /// <summary>More than ever should be open; with more the generator has lost control and the round is worth nothing.</summary>
    private const int MostOpen = 50_000;

    public static async Task<LoadRound> RunAsync(Asker asker, double perSecond, TimeSpan time, Random random, CancellationToken token)
    {
        var state = new State(TimeProvider.System);
        var due = TimeSpan.Zero;
        long offered = 0;
        var late = TimeSpan.Zero;
        while (due < time && !token.IsCancellationRequested)
        {
            var now = state.Now;
            while (due <= now && due < time)
            {
                if (now - due > late)
                {
                    late = now - due;
                }

                state.Begin(asker, due);
                offered++;
                due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / perSecond);
            }

            if (state.Open > MostOpen)
            {
                throw new BenchFailure($"{MostOpen} requests are open: the generator has lost control.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }

        await state.WhenAllEndedAsync();
        return new LoadRound(offered / time.TotalSeconds, state.Answered.Count / time.TotalSeconds, state.Answered, state.Refused, late);
    }

    private sealed class State(TimeProvider clock)
    {
        private readonly long _start = clock.GetTimestamp();
        private readonly Lock _gate = new();
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open;

        public LatencyHistogram Answered { get; } = new();

        public LatencyHistogram Refused { get; } = new();

        public int Open => Volatile.Read(ref _open);

        public TimeSpan Now => clock.GetElapsedTime(_start);

        public void Begin(Asker asker, TimeSpan due)
        {
            Interlocked.Increment(ref _open);
            _ = AskAsync(asker, due);
        }

        public async Task WhenAllEndedAsync()
        {
            var since = clock.GetTimestamp();
            while (Open > 0 && !_failed.Task.IsCompleted)
            {
                if (clock.GetElapsedTime(since) > BenchOptions.Patience)
                {
                    throw new BenchFailure($"{Open} replies are missing.");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(5), clock, CancellationToken.None);
            }

            if (_failed.Task.IsCompleted)
            {
                await _failed.Task;
            }
        }

        private async Task AskAsync(Asker asker, TimeSpan due)
        {
            try
            {
                var answered = await asker.AskAsync();
                var latency = Now - due;
                lock (_gate)
                {
                    (answered ? Answered : Refused).Record(latency);
                }
            }
            catch (Exception failure)
            {
                _failed.TrySetException(failure);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
