using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Runtime
{
    /// <summary>A timer of an activation; it ends with it.</summary>
    public interface IGrainTimer : IDisposable
    {
        /// <summary>
        /// Starts it anew. During a tick: when that has ended. <see cref="Timeout.InfiniteTimeSpan"/> as due time stops it.
        /// </summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>How a grain timer ticks.</summary>
    public readonly struct GrainTimerCreationOptions
    {
        /// <summary>To be filled.</summary>
        public GrainTimerCreationOptions()
        {
        }

        /// <summary>With both times.</summary>
        [SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) => (DueTime, Period) = (dueTime, period);

        /// <summary>Between now and the first tick.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>Between the end of a tick and the next; <see cref="Timeout.InfiniteTimeSpan"/>: one tick only.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Whether ticks run beside calls; by default they wait for them.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether a tick keeps an idle grain.</summary>
        public bool KeepAlive { get; init; }
    }
}

namespace Orleans
{
    /// <summary>Timers and the end of an activation, for every grain class.</summary>
    public static class GrainBaseExtensions
    {
        /// <summary>Deactivates once the calls that run have ended.</summary>
        public static void DeactivateOnIdle(this IGrainBase grain)
            => grain.GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options)
            => Register(grain, callback, _ => callback(), options);

        public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period)
            => Register(grain, callback, _ => callback(), new() { DueTime = dueTime, Period = period });

        public static IGrainTimer RegisterGrainTimer(
            this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
            => Register(grain, callback, token => callback(token), options);

        public static IGrainTimer RegisterGrainTimer(
            this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period)
            => Register(grain, callback, token => callback(token), new() { DueTime = dueTime, Period = period });

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options)
            => Register(grain, callback, _ => callback(state), options);

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, Task> callback, TState state, TimeSpan dueTime, TimeSpan period)
            => Register(grain, callback, _ => callback(state), new() { DueTime = dueTime, Period = period });

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
            => Register(grain, callback, token => callback(state, token), options);

        public static IGrainTimer RegisterGrainTimer<TState>(
            this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, TimeSpan dueTime, TimeSpan period)
            => Register(grain, callback, token => callback(state, token), new() { DueTime = dueTime, Period = period });

        private static GrainTimer Register(
            IGrainBase grain, Delegate callback, Func<CancellationToken, Task> tick, GrainTimerCreationOptions options)
        {
            ArgumentNullException.ThrowIfNull(callback);
            return new GrainTimer((Activation)grain.GrainContext, tick, options);
        }
    }
}
