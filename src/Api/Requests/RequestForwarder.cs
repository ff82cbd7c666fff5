using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Routing;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Dispatch = Switchboard.Core.Requests.RequestDispatch<Switchboard.Api.Sessions.AgentSession>;

namespace Switchboard.Api.Requests;

/// <summary>Runs the life of a live request, from its caller's side and in order: admit, register, dispatch, relay, close.</summary>
internal sealed partial class RequestForwarder(
    RequestAdmission admission,
    InFlightRequests inFlight,
    AgentRoutes<AgentSession> routes,
    ConnectWaiters waiters,
    LimitRejections rejections,
    IRemoteFrontDoors remote,
    IFrontDoor frontDoor,
    GatewayClock clock,
    IOptions<RequestOptions> options,
    ILogger<RequestForwarder> logger) : IRequestForwarder
{
    // How long until a grain is asked again that does not know yet.
    private static readonly TimeSpan _askAgain = TimeSpan.FromMilliseconds(250);

    public int Pending => inFlight.Count;

    public async Task<RequestResult> SendAsync(CallerRequest request, IResponseSink sink, CancellationToken callerGone)
    {
        // 1. Admit and register: it gets an id and is added to the requests in flight, or is rejected, and nothing is kept of it.
        if (!TryRegister(request, sink, out var live, out var rejected))
        {
            inFlight.Rejected(request, rejected.Verdict);
            return rejected;
        }

        using var gone = callerGone.UnsafeRegister(static live => ((LiveRequest)live!).CallerGone(), live);
        try
        {
            var accepted = false;
            var dispatch = new Dispatch(live.Terms.Agent, frontDoor.Number, routes.Cache);
            // 2. Dispatch: it is queued at its agent's session, whose writer loop sends it; or, if its caller waits for an agent that is
            // offline, it is added to the connect waiters.
            while (await DispatchAsync(live, dispatch, callerGone))
            {
                if (!accepted)
                {
                    accepted = true;
                    live.CallersTurn();
                    await sink.AcceptedAsync(live.Id, callerGone);
                }

                // 3. Relay: the response passes through, until the request has ended. A session that ended before it sent the request
                // returns it, and so do the agent's connect and the end of the wait for it: then from 2 again.
                await RelayAsync(live, sink, callerGone);
            }
        }
        catch (Exception e)
        {
            // The caller's stream threw, which is usual if the caller has gone; or the gateway is at fault.
            Fail(live, e, callerGone);
        }
        finally
        {
            // 4. Close: in any case it has ended now, and nothing is left of it (InFlightRequests.Close).
            live.End(Verdict.Internal, "");
            inFlight.Forget(live);
        }

        return live.Result();
    }

    /// <summary>Writes the parts of the response as they arrive, each after the caller took the one before.</summary>
    internal static async ValueTask RelayAsync(LiveRequest live, IResponseSink sink, CancellationToken callerGone)
    {
        while (true)
        {
            ResponsePart<AgentResponse> part;
            while (!live.TryRead(out part))
            {
                await live.WhenMovedAsync();
            }

            switch (part.Kind)
            {
                case ResponsePartKind.First:
                    sink.Hint(part.MoreAtOnce);
                    await sink.FirstAsync(live.Status, part.Message ?? IResponseSink.NoMessage, callerGone);
                    break;
                case ResponsePartKind.Next:
                    sink.Hint(part.MoreAtOnce);
                    await sink.NextAsync(part.Message!, callerGone);
                    break;
                case ResponsePartKind.Complete:
                    await sink.CompleteAsync(callerGone);
                    live.ResponseDelivered();
                    return;
                default:
                    return;
            }
        }
    }

    private bool TryRegister(
        CallerRequest request, IResponseSink sink, [NotNullWhen(true)] out LiveRequest? live, [NotNullWhen(false)] out RequestResult? rejected)
    {
        (live, rejected) = (null, null);
        if (!frontDoor.Serves || frontDoor.Closed)
        {
            rejected = Reject(default, new(Verdict.Draining, frontDoor.Closed ? "the gateway is stopping" : "the gateway is not ready yet"));
            return false;
        }

        var id = frontDoor.Ids.Next();
        if (admission.Check(request, out var message, out var size) is { } inadmissible)
        {
            rejected = Reject(id, inadmissible);
            return false;
        }

        message.Id = id.ToString();
        var entering = new LiveRequest(inFlight, options.Value, clock, id, RequestTerms.Of(request, clock, options.Value), message, size) { Sink = sink };
        if (inFlight.TryAdd(entering) is { } full)
        {
            rejected = Reject(id, full);
            return false;
        }

        live = entering;
        return true;
    }

    // True: a session has it and will end it; or it waits for one. False: it has ended.
    private async ValueTask<bool> DispatchAsync(LiveRequest live, Dispatch dispatch, CancellationToken callerGone)
    {
        if (live.IsOver())
        {
            return false;
        }

        var step = dispatch.Begin(clock.Now);
        // Checked before each step: a request whose deadline passed, or whose caller went away, while the grain was asked is not offered.
        while (!live.IsOver())
        {
            switch (step.Action)
            {
                case DispatchAction.AskGrain:
                    if (await AskAsync(live, dispatch, callerGone) is not { } found || live.IsOver())
                    {
                        return false;
                    }

                    step = found.Unknown
                        ? dispatch.Unknown(clock.Now)
                        : dispatch.Routed(found.Targets, found.Pool, live.WaitsForAgent, live.WaiterEntry is not null, frontDoor.Stopping, clock.Now);
                    break;
                case DispatchAction.AskLater:
                    await PauseAsync(live, callerGone);
                    step = new(DispatchAction.AskGrain);
                    break;
                case DispatchAction.Offer:
                    step = dispatch.Offered(step.Target!, Offer(live, step.Target!.Local), clock.Now);
                    break;
                case DispatchAction.Taken:
                    waiters.Remove(live);
                    return true;
                case DispatchAction.EnterWait:
                    if (!EnterWait(live))
                    {
                        return false;
                    }

                    step = dispatch.Entered(frontDoor.Stopping, clock.Now);
                    break;
                case DispatchAction.Wait:
                    live.BeginWait();
                    return true;
                case DispatchAction.HandOver:
                    waiters.Remove(live);
                    return remote.HandOver(live, step.Target!, dispatch);
                default:
                    live.End(step.Verdict, step.Detail ?? rejections.Count(step.Refusal));
                    return false;
            }
        }

        return false;
    }

    // Until the grain is asked again, or its caller goes.
    private async ValueTask PauseAsync(LiveRequest live, CancellationToken callerGone)
    {
        try
        {
            await Task.Delay(_askAgain, clock.Time, callerGone);
        }
        catch (OperationCanceledException)
        {
            live.CallerGone();
        }
    }

    // False: it has ended.
    private bool EnterWait(LiveRequest live)
    {
        if (waiters.Add(live) is { } full)
        {
            live.End(Verdict.Overloaded, full);
            return false;
        }

        live.BeginWait();
        // Its end may have come before it was added, and then found nothing to remove.
        if (!live.IsOver())
        {
            return true;
        }

        waiters.Remove(live);
        return false;
    }

    /// <summary>Offers a request to a session: assigns it, has it taken, and undoes what was refused.</summary>
    internal static TakeResult Offer(LiveRequest live, AgentSession? session)
    {
        if (session is null || !live.Assign(session))
        {
            return new TakeResult(TakeOutcome.NotThere);
        }

        var result = session.Take(live);
        if (result.Outcome != TakeOutcome.Taken)
        {
            live.Unassign(session);
        }
        // It may have ended after Assign and before Take: its end then found no slot to free, so it is freed here.
        else if (live.HasEnded)
        {
            session.Release(live);
        }

        return result;
    }

    // Null: it has ended, or the next check finds that it has.
    private async ValueTask<FoundSessions<AgentSession>?> AskAsync(LiveRequest live, Dispatch dispatch, CancellationToken callerGone)
    {
        var left = live.TimeLeft;
        if (left <= TimeSpan.Zero)
        {
            return null;
        }

        // A little past the deadline: a timer may fire a millisecond early, and the request would end as if the grain had been slow, which
        // is a fault of the gateway, instead of by its deadline.
        var limit = left + TimerWheel.Tick < GrainCalls.Limit ? left + TimerWheel.Tick : GrainCalls.Limit;
        try
        {
            return await routes.AskAsync(live.Terms.Agent, dispatch.RefusedSession, watch: live.WaiterEntry is not null, limit, callerGone);
        }
        catch (OperationCanceledException) when (callerGone.IsCancellationRequested)
        {
            // The caller's token ends this wait before it notifies the request, as the last registration is called first; and this may run
            // in between. Taken for the grain's failure, the caller's leaving would count as the gateway's fault.
            live.CallerGone();
            return null;
        }
        catch (Exception e) when (!live.IsOver())
        {
            // Unsent: the grain, or the cluster, does not reply. The caller gets that verdict, and may retry.
            Log.RouteFailed(logger, live.Id, e);
            live.End(GrainCalls.MeansUnavailable(e) ? Verdict.Unavailable : Verdict.Internal, "the agent's session could not be looked up");
            return null;
        }
        catch (Exception)
        {
            // The wait was cut short by the caller's leaving or by the deadline, which have set the verdict.
            return null;
        }
    }

    private void Fail(LiveRequest live, Exception exception, CancellationToken callerGone)
    {
        if (!live.IsCallersTurn)
        {
            if (live.End(Verdict.Internal, ""))
            {
                Log.Failed(logger, live.Id, exception);
            }

            return;
        }

        // The caller's stream threw: gRPC's throws an InvalidOperationException if the caller has gone.
        if (!callerGone.IsCancellationRequested)
        {
            Log.CallerStreamFailed(logger, live.Id, exception);
        }

        live.CallerGone();
    }

    private static RequestResult Reject(RequestId id, Rejection rejection) =>
        new(id, rejection.Verdict, Sent: false, Started: false, rejection.Detail);

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestRouteFailed, LogLevel.Warning, "The agent of request {RequestId} could not be looked up.")]
        public static partial void RouteFailed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.RequestCallerStreamFailed, LogLevel.Debug, "The caller's stream of request {RequestId} failed.")]
        public static partial void CallerStreamFailed(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.RequestFaulted, LogLevel.Error, "Request {RequestId} failed by a fault of the gateway.")]
        public static partial void Failed(ILogger logger, RequestId requestId, Exception exception);
    }
}
