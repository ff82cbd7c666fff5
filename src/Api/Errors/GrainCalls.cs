namespace Switchboard.Api.Errors;

/// <summary>Bounds calls of grains, and says what their failures mean.</summary>
internal static class GrainCalls
{
    /// <summary>
    /// Calls a grain, and once more where the call was rejected: it came to an activation that was just ending, or to a silo that stops,
    /// and the next one goes elsewhere. For calls that may be made twice.
    /// </summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="limit">How long both may take together.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The grain did not answer in time.</exception>
    /// <exception cref="OrleansMessageRejectionException">It was rejected twice.</exception>
    public static async Task<T> AskAsync<T>(Func<Task<T>> call, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var began = time.GetTimestamp();
        try
        {
            return await call().WaitAsync(limit, time, cancellationToken);
        }
        catch (OrleansMessageRejectionException) when (time.GetElapsedTime(began) < limit)
        {
            return await call().WaitAsync(limit - time.GetElapsedTime(began), time, cancellationToken);
        }
    }

    /// <summary>
    /// Whether the cluster could not be asked, as far as a call shows it: no silo took it, or none answered in time. Not a fault of the
    /// gateway's, and another try may go well.
    /// </summary>
    public static bool MeansUnavailable(Exception exception) => exception
        is OrleansMessageRejectionException or GatewayTooBusyException or LimitExceededException or ClientNotAvailableException or TimeoutException;
}
