using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Durable;

/// <summary>
/// Runs the attempts at durable requests that their grains hand to this front door. Each is a request in flight as a live one is, with a
/// caller that collects the response; its outcome is reported to the grain, which decides what comes next.
/// </summary>
internal sealed partial class DurableDeliveries(
    SessionRegistry sessions, InFlightRequests inFlight, AdmissionLimits limits, GatewayClock clock, IGrainFactory grains,
    IOptions<RequestOptions> options, ILogger<DurableDeliveries> logger)
{
    private const int Tries = 5;
    private readonly ConcurrentDictionary<ulong, Task> _underWay = new();

    /// <summary>Takes an attempt, or returns why not; never waits. An outcome must be reported of an attempt that was taken.</summary>
    public HandOverResult Take(RequestEnvelope envelope)
    {
        if (inFlight.TryFind(envelope.RequestId, out var known) && !MakeWay(known, envelope))
        {
            return HandOverResult.Taken;
        }

        if (sessions.Find(envelope.Session) is not { } session)
        {
            return HandOverResult.NoSuchSession;
        }

        var request = Open(envelope);
        if (inFlight.TryAdd(request) is not null)
        {
            return HandOverResult.Overloaded;
        }

        var result = request.Assign(session) ? session.Take(request) : new TakeResult(TakeOutcome.NotThere);
        if (result.Outcome != TakeOutcome.Taken)
        {
            // It was never in a queue. Its grain learns that from the reply, and no outcome is to be reported.
            request.Unassign(session);
            if (result.Outcome == TakeOutcome.Overloaded)
            {
                request.End(Verdict.Overloaded, limits.Rejections.Count(result));
            }
            else
            {
                request.End(Verdict.AgentOffline, "");
            }

            inFlight.Forget(request);
            return result.Outcome == TakeOutcome.Overloaded ? HandOverResult.Overloaded : HandOverResult.NoSuchSession;
        }
        if (request.HasEnded)
        {
            session.Release(request);
        }

        var delivery = DeliverAsync(request, envelope);
        if (!delivery.IsCompleted)
        {
            Track(envelope.RequestId, delivery);
        }

        return HandOverResult.Taken;
    }

    // The grain hands over again if it does not know whether its first call arrived: the same attempt is under way already. A later attempt
    // means that it has given the earlier one up.
    private static bool MakeWay(LiveRequest known, RequestEnvelope envelope)
    {
        if (known.Terms.EarlierAttempts + 1 >= envelope.Attempt)
        {
            return false;
        }

        known.End(Verdict.AgentDisconnected, "a later attempt took its place");
        return true;
    }

    private LiveRequest Open(RequestEnvelope envelope)
    {
        var id = new RequestId(envelope.RequestId);
        var message = AgentRequest.Parser.ParseFrom(envelope.Payload.Span);
        message.Id = id.ToString();
        var now = clock.Now;
        var size = message.CalculateSize() + RequestAdmission.AddedBytes;
        return new LiveRequest(inFlight, options.Value, clock, id, new RequestTerms
        {
            Agent = AgentKey.Parse(envelope.AgentKey),
            Method = message.Method,
            Arrived = now,
            Deadline = now + envelope.TimeLeft,
            BodyBytes = message.Body.Length,
            EarlierAttempts = envelope.Attempt == 0 ? 0 : envelope.Attempt - 1,
        }, message, size);
    }

    private async Task DeliverAsync(LiveRequest request, RequestEnvelope envelope)
    {
        using var sink = new CollectingSink(options.Value.MaxStoredResponseBytes, limits.Bytes);
        request.Sink = sink;
        try
        {
            await RequestForwarder.RelayAsync(request, sink, CancellationToken.None);
            // Returned unsent: its grain routes it again.
            request.End(Verdict.AgentOffline, "its session ended before it was sent");
        }
        catch (ResponseNotKeptException e)
        {
            request.End(e.Verdict, e.Message);
        }
        catch (Exception e)
        {
            request.End(Verdict.Internal, "");
            Log.Failed(logger, request.Id, e);
        }
        finally
        {
            inFlight.Forget(request);
        }
        await ReportAsync(request, envelope, sink);
    }

    private async Task ReportAsync(LiveRequest request, RequestEnvelope envelope, CollectingSink sink)
    {
        var result = request.Result();
        var outcome = new DurableOutcome
        {
            Attempt = envelope.Attempt,
            Verdict = result.Verdict,
            Sent = result.Sent,
            Response = result.Verdict == Verdict.Answered ? sink.ToResponse() : null,
            Detail = result.Detail,
        };
        for (var tried = 1; ; tried++)
        {
            try
            {
                await grains.GetGrain<IRequestGrain>(request.Id.ToString()).Finish(outcome).BoundAsync(clock.Time);
                return;
            }
            catch (Exception e)
            {
                if (tried == Tries)
                {
                    // The grain asks, or delivers again when the time of this attempt has passed.
                    Log.Unreported(logger, request.Id, e);
                    return;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100 << tried), clock.Time);
        }
    }

    private void Track(ulong id, Task delivery)
    {
        _underWay[id] = delivery;
        _ = delivery.ContinueWith(
            (done, _) => _underWay.TryRemove(new KeyValuePair<ulong, Task>(id, done)),
            null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableFaulted, LogLevel.Error, "An attempt at durable request {RequestId} failed by a fault of the gateway.")]
        public static partial void Failed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.DurableUnreported, LogLevel.Warning, "The outcome of durable request {RequestId} could not be reported to its grain.")]
        public static partial void Unreported(ILogger logger, RequestId requestId, Exception exception);
    }
}
