using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Durable;

/// <summary>
/// Runs the attempts at durable requests that this front door has claimed. Each is a request in flight as a live one is, whose response goes
/// into the log; how it ended is kept, or it is given up and queued again. What could not be kept is tried again for as long as the process
/// lives.
/// </summary>
internal sealed partial class DurableAttempts(
    InFlightRequests inFlight, AdmissionLimits limits, GatewayClock clock, IRequestLog log, DurableEnds ends, IOptions<RequestOptions> options,
    ILogger<DurableAttempts> logger) : IDisposable
{
    /// <summary>How many sessions look for requests at once: what the storage's readers do in a moment, and no agent waits long.</summary>
    private const int MaxLooks = 32;

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _looks = new(MaxLooks);
    private readonly CancellationTokenSource _disposed = new();

    // From before an attempt is claimed until its end is kept: what the log has as this front door's and is not in here is lost.
    private readonly ConcurrentDictionary<ulong, uint> _claimed = new();

    /// <summary>Returns whether an attempt is under way here, or its end is still to be kept.</summary>
    public bool Has(ulong id, uint attempt) => _claimed.TryGetValue(id, out var mine) && mine == attempt;

    /// <summary>Waits for a turn to look for requests; it ends with its disposal.</summary>
    public async ValueTask<IDisposable> TakeTurnAsync()
    {
        await _looks.WaitAsync(_disposed.Token);
        return new Turn(_looks);
    }

    /// <summary>Claims attempts.</summary>
    /// <returns>For each, whether it is this front door's.</returns>
    public async Task<IReadOnlyList<bool>> ClaimAsync(IReadOnlyList<AttemptClaim> claims)
    {
        foreach (var claim in claims)
        {
            _claimed[claim.Id] = claim.Attempt;
        }

        try
        {
            var made = await log.ClaimAsync(claims, _disposed.Token);
            for (var i = 0; i < claims.Count; i++)
            {
                if (!made[i])
                {
                    Forget(claims[i]);
                }
            }

            return made;
        }
        catch
        {
            // They may have been claimed or not: given up, each can be claimed again.
            foreach (var claim in claims)
            {
                _ = GiveUpAsync(claim, sent: false, DurableRetry.Longest, static _ => { });
            }

            throw;
        }
    }

    /// <summary>Sends a claimed request to the session, and calls <paramref name="ended"/> once when the attempt is over, and whether it is queued again.</summary>
    /// <returns>False: the session did not take it, and the attempt has been given up.</returns>
    public bool Start(AgentSession session, QueuedRequest queued, AttemptClaim claim, Action<bool> ended)
    {
        // The claim shows that whatever is left here of an earlier attempt is no attempt any more.
        if (inFlight.TryFind(claim.Id, out var earlier))
        {
            earlier.End(Verdict.AgentDisconnected, "a later attempt took its place");
        }

        var request = Open(queued, claim);
        if (inFlight.TryAdd(request) is not null)
        {
            _ = GiveUpAsync(claim, sent: false, DurableRetry.Longest, ended);
            return false;
        }

        var result = RequestForwarder.Offer(request, session);
        if (result.Outcome != TakeOutcome.Taken)
        {
            request.End(result.Outcome == TakeOutcome.Overloaded ? Verdict.Overloaded : Verdict.AgentOffline, "");
            inFlight.Forget(request);
            _ = GiveUpAsync(claim, sent: false, result.Outcome == TakeOutcome.Overloaded ? DurableRetry.Full : TimeSpan.Zero, ended);
            return false;
        }

        _ = RunAsync(request, claim, ended);
        return true;
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
        _looks.Dispose();
    }

    private LiveRequest Open(QueuedRequest queued, AttemptClaim claim)
    {
        var id = new RequestId(claim.Id);
        var message = AgentRequest.Parser.ParseFrom(queued.Payload.Span);
        message.Id = id.ToString();
        var now = clock.Now;
        return new LiveRequest(inFlight, options.Value, clock, id, new RequestTerms
        {
            Agent = AgentKey.Parse(queued.Request.AgentKey),
            Method = message.Method,
            Arrived = now,
            Deadline = now + queued.Request.FirstMessage,
            BodyBytes = message.Body.Length,
            EarlierAttempts = claim.Attempt - 1,
        }, message, message.CalculateSize() + RequestAdmission.AddedBytes);
    }

    private async Task RunAsync(LiveRequest live, AttemptClaim claim, Action<bool> ended)
    {
        var began = clock.Now;
        using var sink = new RecordingSink(log, claim, options.Value.MaxStoredResponseBytes, limits.Bytes);
        live.Sink = sink;
        try
        {
            await RequestForwarder.RelayAsync(live, sink, CancellationToken.None);
            // Returned unsent: its session has ended.
            live.End(Verdict.AgentOffline, "its session ended before it was sent");
        }
        catch (ResponseNotKeptException e)
        {
            live.End(e.Verdict, e.Message);
        }
        catch (StorageUnavailableException e)
        {
            Log.NotKept(logger, live.Id, e);
            live.End(Verdict.Unavailable, "the response could not be kept");
        }
        catch (Exception e)
        {
            live.End(Verdict.Internal, "");
            Log.Failed(logger, live.Id, e);
        }
        finally
        {
            inFlight.Forget(live);
        }

        if (sink.Recorded is { } recorded)
        {
            Forget(claim);
            ends.Tell(recorded);
            ended(false);
            return;
        }

        var result = live.Result();
        await (DurableRetry.IsTriedAgain(result.Verdict)
            ? GiveUpAsync(claim, result.Sent, DurableRetry.After(claim.Attempt, clock.Now - began), ended)
            : EndAsync(claim, result, ended));
    }

    // Whatever happens meanwhile, another attempt or an end, the log refuses what comes late.
    private Task GiveUpAsync(AttemptClaim claim, bool sent, TimeSpan retryIn, Action<bool> ended) => KeepAsync(claim, ended, async () =>
    {
        var released = await log.ReleaseAsync([new AttemptRelease(claim.Id, claim.Attempt, sent, retryIn)], _disposed.Token);
        return released[0];
    });

    private Task EndAsync(AttemptClaim claim, RequestResult result, Action<bool> ended) => KeepAsync(claim, ended, async () =>
    {
        var end = new RequestEnd { Id = claim.Id, Attempt = claim.Attempt, Verdict = result.Verdict, Sent = result.Sent, Detail = result.Detail };
        if (await log.EndAsync(end, _disposed.Token) is { Ended: { } request })
        {
            ends.Tell(request);
        }

        return false;
    });

    private async Task KeepAsync(AttemptClaim claim, Action<bool> ended, Func<Task<bool>> keep)
    {
        var queuedAgain = false;
        try
        {
            for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
            {
                try
                {
                    queuedAgain = await keep();
                    return;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.NotKept(logger, new RequestId(claim.Id), e);
                }

                await Task.Delay(pause, clock.Time, _disposed.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The process ends, and its attempts are found lost.
        }
        finally
        {
            Forget(claim);
            ended(queuedAgain);
        }
    }

    private void Forget(AttemptClaim claim) => _claimed.TryRemove(new KeyValuePair<ulong, uint>(claim.Id, claim.Attempt));

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                turns.Release();
            }
            catch (ObjectDisposedException)
            {
                // The process ends.
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableFaulted, LogLevel.Error, "An attempt at durable request {RequestId} failed by a fault of the gateway.")]
        public static partial void Failed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.DurableNotKept, LogLevel.Warning, "How an attempt at durable request {RequestId} ended could not be kept yet; tried again.")]
        public static partial void NotKept(ILogger logger, RequestId requestId, Exception exception);
    }
}
