using Switchboard.Api.Errors;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Dispatch = Switchboard.Core.Requests.RequestDispatch<Switchboard.Api.Sessions.AgentSession>;
using Step = Switchboard.Core.Requests.DispatchStep<Switchboard.Api.Sessions.AgentSession>;

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
            var dispatch = new Dispatch(live.Terms.Agent, frontDoor.Number, routes.Cache);
            // 2. It goes into the queue of its agent's session, whose writer loop sends it; or, where its caller waits for an agent that is
            //    away, among those who wait for that.
            while (await DispatchAsync(live, dispatch, callerGone))
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
            AnswerPart<AgentResponse> part;
            while (!live.TryRead(out part))
                await live.WhenMovedAsync();
            switch (part.Kind)
            {
                case AnswerPartKind.First:
                    sink.Hint(part.MoreAtOnce);
                    await sink.FirstAsync(live.Status, part.Message ?? IAnswerSink.NoMessage, callerGone);
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
    private async ValueTask<bool> DispatchAsync(LiveRequest live, Dispatch dispatch, CancellationToken callerGone)
    {
        if (live.IsOver())
            return false;
        Step step = dispatch.Begin(register.Clock.Now);
        // Looked at before each step: a request whose deadline came, or whose caller went, while the grain was asked is not offered.
        while (!live.IsOver())
        {
            switch (step.Action)
            {
                case DispatchAction.AskGrain:
                    if (await AskAsync(live, dispatch, callerGone) is not { } found || live.IsOver())
                        return false;
                    step = dispatch.Routed(
                        found.Targets, found.Pool, live.WaitsForAgent, live.Place is not null, frontDoor.Stopping, register.Clock.Now);
                    break;
                case DispatchAction.Offer:
                    TakeResult result = Offer(live, step.Target!.Local);
                    step = dispatch.Offered(step.Target, result, register.Clock.Now);
                    if (step.Action != DispatchAction.Taken)
                        break;
                    arrivals.Leave(live);
                    return true;
                case DispatchAction.EnterWait:
                    if (!EnterWait(live))
                        return false;
                    step = dispatch.Entered(frontDoor.Stopping, register.Clock.Now);
                    break;
                case DispatchAction.Wait:
                    live.BeginWait();
                    return true;
                case DispatchAction.PassOn:
                    return RemoteFrontDoor.HandOver(live, step.Target!.FrontDoor, frontDoor.Stopping);
                default:
                    live.End(step.Verdict, step.Detail ?? register.Limits.Refusals.Count(step.Refusal));
                    return false;
            }
        }
        return false;
    }

    // False: it has ended.
    private bool EnterWait(LiveRequest live)
    {
        if (arrivals.Enter(live) is { } full)
        {
            live.End(Verdict.Overloaded, full);
            return false;
        }
        live.BeginWait();
        // Its end may have come before it had its place, and then found nothing to take out.
        if (!live.IsOver())
            return true;
        arrivals.Leave(live);
        return false;
    }

    private static TakeResult Offer(LiveRequest live, AgentSession? session)
    {
        if (session is null || !live.Assign(session))
            return new TakeResult(TakeOutcome.NotThere);
        TakeResult result = session.Take(live);
        if (result.Outcome != TakeOutcome.Taken)
            live.Unassign(session);
        // It may have ended after Assign and before Take: its end then found no slot to free, so it is freed here.
        else if (live.HasEnded)
            session.Release(live);
        return result;
    }

    // Null: it has ended, or will be found so.
    private async ValueTask<FoundSessions?> AskAsync(LiveRequest live, Dispatch dispatch, CancellationToken callerGone)
    {
        TimeSpan left = live.TimeLeft;
        if (left <= TimeSpan.Zero)
            return null;
        // A little past the deadline: a timer may fire a millisecond early, and the request would end by a grain that is slow, as a
        // fault of the gateway, instead of by its deadline.
        TimeSpan limit = left + DeadlineWheel.Tick < GrainCall ? left + DeadlineWheel.Tick : GrainCall;
        try
        {
            return await routes.AskAsync(live.Terms.Agent, dispatch.RefusedSession, limit, callerGone);
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
            live.End(GrainCalls.MeansUnavailable(e) ? Verdict.Unavailable : Verdict.Internal, "the agent's session could not be looked up");
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
