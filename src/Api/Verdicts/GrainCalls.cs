using System.Globalization;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Durable;

namespace Switchboard.Api.Verdicts;

/// <summary>Bounds calls of grains, and interprets their failures.</summary>
internal static class GrainCalls
{
    /// <summary>The maximum time that a call of a grain is waited for (R7): as long as Orleans itself waits for it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.Parse(CallBounds.Turn, CultureInfo.InvariantCulture);

    /// <summary>Bounds a call that is made once.</summary>
    /// <param name="call">The call.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">The maximum time; null: <see cref="Limit"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The grain did not reply in time.</exception>
    public static Task<T> BoundAsync<T>(this Task<T> call, TimeProvider time, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        call.WaitAsync(limit ?? Limit, time, cancellationToken);

    /// <inheritdoc cref="BoundAsync{T}(Task{T}, TimeProvider, TimeSpan?, CancellationToken)"/>
    public static Task BoundAsync(this Task call, TimeProvider time, TimeSpan? limit = null, CancellationToken cancellationToken = default) =>
        call.WaitAsync(limit ?? Limit, time, cancellationToken);

    /// <summary>
    /// Calls a grain, and once more if the call was rejected: it came to an activation that was just ending, or to a silo that stops, and
    /// the next one goes elsewhere. For calls that may be made twice.
    /// </summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">The maximum time of both together; null: <see cref="Limit"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The grain did not reply in time.</exception>
    /// <exception cref="OrleansMessageRejectionException">It was rejected twice.</exception>
    public static async Task<T> AskAsync<T>(
        Func<Task<T>> call, TimeProvider time, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        var all = limit ?? Limit;
        var began = time.GetTimestamp();
        try
        {
            return await call().WaitAsync(all, time, cancellationToken);
        }
        catch (OrleansMessageRejectionException) when (time.GetElapsedTime(began) < all)
        {
            return await call().WaitAsync(all - time.GetElapsedTime(began), time, cancellationToken);
        }
    }

    /// <summary>
    /// Determines whether the cluster was unavailable, as far as a call shows it: no silo accepted it, none replied in time, or the storage
    /// could not be asked. Not a fault of the gateway, and a retry may succeed.
    /// </summary>
    public static bool MeansUnavailable(Exception exception) => exception
        is OrleansMessageRejectionException or GatewayTooBusyException or LimitExceededException or ClientNotAvailableException or TimeoutException
        or StorageUnavailableException;
}
