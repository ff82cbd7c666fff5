using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>The life of a live request, from its caller's side and in order. README.md says what holds throughout.</summary>
internal sealed partial class LiveRequests(
    RequestAdmission admission,
    RequestRegister register,
    AgentRoutes routes,
    AgentArrivals arrivals,
    IFrontDoor frontDoor,
    ILogger<LiveRequests> logger) : ILiveRequests
{
    /// <summary>A request that a session refused, or that comes back unsent, is offered to another at most twice more.</summary>
    private const int MaxHandOvers = 3;

    private static readonly TimeSpan GrainCall = TimeSpan.FromSeconds(5);

    public int Pending => register.Count;

    public async Task<RequestResult> SendAsync(CallerRequest request, IAnswerSink sink, CancellationToken callerGone)
    {
        // 1. It gets an id and a place in the books, or a verdict at once.
        if (!admission.TryAdmit(request, sink, out LiveRequest? live, out RequestResult refused))
        {
            register.Refused(request, refused.Verdict);
            return refused;
        }
        using var gone = callerGone.UnsafeRegister(static live => ((LiveRequest)live!).CallerGone(), live);
        try
        {
            bool accepted = false;
            // 2. It goes into the queue of its agent's session, whose writer loop sends it; or, where its caller waits for an agent that is
            //    away, among those who wait for that.
            while (await HandOverAsync(live, callerGone))
            {
                // 3. The caller is told its id.
                if (!accepted)
                {
                    accepted = true;
                    live.CallersTurn();
                    await sink.AcceptedAsync(live.Id, callerGone);
                }
                // 4. The answer passes through, until the request has ended. A session that ended before it sent the request gives it
                //    back, and so do the agent's connect and the end of the wait for it: then from 2 again.
                await RelayAsync(live, sink, callerGone);
            }
        }
        catch (Exception e)
        {
            // The caller's stream threw, as streams do whose callers have gone; or the gateway is at fault.
            Fail(live, e, callerGone);
        }
        finally
        {
            // 5. Whatever happened, it has ended now, and nothing is left of it.
            live.End(Verdict.Internal, "");
            register.Forget(live);
        }
        return live.Result();
    }

    /// <summary>Hands over the answer's parts as they come, each after the caller took the one before.</summary>
    internal static async ValueTask RelayAsync(LiveRequest live, IAnswerSink sink, CancellationToken callerGone)
    {
        while (true)
        {
            AnswerPart part;
            while (!live.TryRead(out part))
                await live.WhenMovedAsync();
            switch (part.Kind)
            {
                case AnswerPartKind.First:
                    sink.Hint(part.MoreAtOnce);
                    await sink.FirstAsync(live.Status, part.Message!, callerGone);
                    break;
                case AnswerPartKind.Next:
                    sink.Hint(part.MoreAtOnce);
                    await sink.NextAsync(part.Message!, callerGone);
                    break;
                case AnswerPartKind.Complete:
                    live.Answered();
                    return;
                default:
                    return;
            }
        }
    }

    // True: a session has it, and owes it an end; or it waits for one. False: it has ended.
    private async ValueTask<bool> HandOverAsync(LiveRequest live, CancellationToken callerGone)
    {
        while (!live.IsOver())
        {
            if (live.HandOvers++ == MaxHandOvers)
            {
                live.End(Verdict.AgentOffline, "the agent's sessions ended one after another before it could be sent");
                return false;
            }
            AgentRoute? route = routes.Remembered(live.Terms.Agent, live.RefusedSession) ?? await AskAsync(live, callerGone);
            // Time has passed: a request whose deadline came, or whose caller went, is not handed over.
            if (live.IsOver())
                return false;
            if (route is null)
            {
                if (WaitsAlready(live))
                    return true;
                continue;
            }
            switch (Offer(live, route))
            {
                case null:
                    return RemoteFrontDoor.HandOver(live, route, frontDoor.Stopping);
                case TakeOutcome.Taken:
                    arrivals.Leave(live);
                    return true;
                case TakeOutcome.Overloaded:
                    live.End(Verdict.Overloaded, register.Limits.Refusals.Count(live.RefusedBy.Limit, live.RefusedBy.Value));
                    return false;
            }
        }
        return false;
    }

    // Nobody is there. True: it has been asked for since it has its place among those who wait, so the connect will wake it. False: it has
    // ended, or it has a place now and the agent is to be asked for once more. Without that: the route says nobody; the agent connects
    // and wakes those who wait; this request takes its place, and sleeps although the agent is there.
    private bool WaitsAlready(LiveRequest live)
    {
        if (!live.WaitsForAgent)
        {
            // While this process stops its agents go elsewhere, and so should the caller: the agent is on its way, not off the line.
            if (frontDoor.Stopping)
                live.End(Verdict.Draining, "the gateway is stopping, and the agent is not here any more");
            else
                live.End(Verdict.AgentOffline, "No agent subscribed for this id");
            return false;
        }
        // A wait is as good as a new start.
        live.HandOvers = 0;
        bool hadPlace = live.Place is not null;
        if (!hadPlace && arrivals.Enter(live) is { } full)
        {
            live.End(Verdict.Overloaded, full);
            return false;
        }
        live.BeginWait();
        if (hadPlace)
            return true;
        // Its end, or the stop, may have come before it had its place, and then found nothing to take out, and nobody to tell.
        if (live.IsOver())
            arrivals.Leave(live);
        else if (frontDoor.Stopping)
            live.End(Verdict.Draining, "the gateway is stopping");
        return false;
    }

    // The sessions that this front door holds, one after another until one takes it. Null: it holds none of them.
    private TakeOutcome? Offer(LiveRequest live, AgentRoute route)
    {
        List<ulong>? tried = null;
        TakeOutcome? worst = null;
        while (route.Next(frontDoor.Number, tried) is { } target)
        {
            TakeOutcome outcome = Offer(live, target.Local);
            // What is over the grain is told when it is asked again; one that drains and has a successor is still somebody.
            if (outcome == TakeOutcome.Taken || target.Local?.Ended is not null || target.Local is null)
                live.RefusedSession = target.SessionId;
            if (outcome == TakeOutcome.Taken)
                return outcome;
            if (outcome == TakeOutcome.NotThere)
                routes.Forget(live.Terms.Agent, target.SessionId);
            worst = outcome == TakeOutcome.Overloaded ? outcome : worst ?? outcome;
            (tried ??= []).Add(target.SessionId);
        }
        return worst;
    }

    private static TakeOutcome Offer(LiveRequest live, AgentSession? session)
    {
        if (session is null || !live.Assign(session))
            return TakeOutcome.NotThere;
        TakeOutcome outcome = session.Take(live);
        if (outcome != TakeOutcome.Taken)
            live.Unassign(session);
        // It may have ended after Assign and before Take: its end then found no slot to free, so it is freed here.
        else if (live.HasEnded)
            session.Release(live);
        return outcome;
    }

    private async ValueTask<AgentRoute?> AskAsync(LiveRequest live, CancellationToken callerGone)
    {
        TimeSpan left = live.TimeLeft;
        if (left <= TimeSpan.Zero)
            return null;
        // A little past the deadline: a timer may fire a millisecond early, and the request would end by a grain that is slow, as a
        // fault of the gateway, instead of by its deadline.
        TimeSpan limit = left + DeadlineWheel.Tick < GrainCall ? left + DeadlineWheel.Tick : GrainCall;
        try
        {
            return await routes.AskAsync(live.Terms.Agent, live.RefusedSession, limit, callerGone);
        }
        catch (OperationCanceledException) when (callerGone.IsCancellationRequested)
        {
            // The caller's token ends this wait before it tells the request, as who registered last is called first; and this may run in
            // between. Taken for the grain's failure, it would be the gateway's fault that the caller went.
            live.CallerGone();
            return null;
        }
        catch (Exception e) when (!live.IsOver())
        {
            // Unsent: the grain, or the cluster, does not answer. The caller is told so, and may try again.
            Log.RouteFailed(logger, live.Id, e);
            live.End(Verdict.Internal, "the agent's session could not be looked up");
            return null;
        }
        catch (Exception)
        {
            // The wait was cut short by the caller's leaving or by the deadline, which have given their verdict.
            return null;
        }
    }

    private void Fail(LiveRequest live, Exception exception, CancellationToken callerGone)
    {
        if (!live.IsCallersTurn)
        {
            if (live.End(Verdict.Internal, ""))
                Log.Failed(logger, live.Id, exception);
            return;
        }
        // It was the caller's stream that threw: gRPC's throws an InvalidOperationException where the caller has gone.
        if (!callerGone.IsCancellationRequested)
            Log.CallerStreamFailed(logger, live.Id, exception);
        live.CallerGone();
    }
}
