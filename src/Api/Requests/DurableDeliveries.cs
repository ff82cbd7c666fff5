using System.Collections.Concurrent;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// Attempts at durable requests that their grains hand to this front door. Each is a request in the same books as a live one, with a
/// caller that collects the answer; how it ended is reported to the grain, which decides what comes next.
/// </summary>
internal sealed partial class DurableDeliveries(
    SessionRegistry sessions, RequestRegister register, IGrainFactory grains, ILogger<DurableDeliveries> logger)
{
    private const int Tries = 5;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ulong, Task> _underWay = new();

    /// <summary>Takes an attempt, or says why not; never waits. Taken means that an outcome is owed.</summary>
    public HandOverResult Take(RequestEnvelope envelope)
    {
        if (register.TryFind(envelope.RequestId, out LiveRequest? known) && !MakeWay(known, envelope))
            return HandOverResult.Taken;
        if (sessions.Find(envelope.Session) is not { } session)
            return HandOverResult.NoSuchSession;
        LiveRequest request = Open(envelope);
        if (register.Open(request) is { })
            return HandOverResult.Overloaded;
        TakeResult result = request.Assign(session) ? session.Take(request) : new TakeResult(TakeOutcome.NotThere);
        if (result.Outcome != TakeOutcome.Taken)
        {
            // It was never in a queue. Its grain learns that from the answer, and no outcome is owed.
            request.Unassign(session);
            if (result.Outcome == TakeOutcome.Overloaded)
                request.End(Verdict.Overloaded, register.Limits.Refusals.Count(result));
            else
                request.End(Verdict.AgentOffline, "");
            register.Forget(request);
            return result.Outcome == TakeOutcome.Overloaded ? HandOverResult.Overloaded : HandOverResult.NoSuchSession;
        }
        if (request.HasEnded)
            session.Release(request);
        Task delivery = DeliverAsync(request, envelope);
        if (!delivery.IsCompleted)
            Track(envelope.RequestId, delivery);
        return HandOverResult.Taken;
    }

    // The grain hands over again where it does not know whether its first call arrived: the same attempt is under way already. A later
    // attempt means that it has given the earlier one up.
    private static bool MakeWay(LiveRequest known, RequestEnvelope envelope)
    {
        if (known.Terms.EarlierAttempts + 1 >= envelope.Attempt)
            return false;
        known.End(Verdict.AgentDisconnected, "a later attempt took its place");
        return true;
    }

    private LiveRequest Open(RequestEnvelope envelope)
    {
        var id = new RequestId(envelope.RequestId);
        AgentRequest message = AgentRequest.Parser.ParseFrom(envelope.Payload.Span);
        message.Id = id.ToString();
        TimeSpan now = register.Clock.Now;
        int size = message.CalculateSize() + RequestAdmission.AddedBytes;
        return new LiveRequest(register, id, new RequestTerms
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
        var sink = new CollectingSink(register.Options.MaxStoredAnswerBytes);
        request.Sink = sink;
        try
        {
            await LiveRequests.RelayAsync(request, sink, CancellationToken.None);
            // Given back unsent: its grain routes it again.
            request.End(Verdict.AgentOffline, "its session ended before it was sent");
        }
        catch (AnswerTooLongException)
        {
            request.End(Verdict.TooLarge, "the answer is longer than is kept");
        }
        catch (Exception e)
        {
            request.End(Verdict.Internal, "");
            Log.Failed(logger, request.Id, e);
        }
        finally
        {
            register.Forget(request);
        }
        await ReportAsync(request, envelope, sink);
    }

    private async Task ReportAsync(LiveRequest request, RequestEnvelope envelope, CollectingSink sink)
    {
        RequestResult result = request.Result();
        var outcome = new DurableOutcome
        {
            Attempt = envelope.Attempt,
            Verdict = result.Verdict,
            Sent = result.Sent,
            Answer = result.Verdict == Verdict.Answered ? sink.ToAnswer() : null,
        };
        for (int tried = 1; ; tried++)
        {
            try
            {
                await grains.GetGrain<IRequestGrain>(request.Id.ToString()).Finish(outcome).WaitAsync(CallLimit, register.Clock.Time);
                return;
            }
            catch (Exception e)
            {
                if (tried == Tries)
                {
                    // The grain asks, or delivers again when this attempt's time is up.
                    Log.Unreported(logger, request.Id, e);
                    return;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100 << tried), register.Clock.Time);
        }
    }

    private void Track(ulong id, Task delivery)
    {
        _underWay[id] = delivery;
        _ = delivery.ContinueWith(
            (done, _) => _underWay.TryRemove(new KeyValuePair<ulong, Task>(id, done)),
            null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
