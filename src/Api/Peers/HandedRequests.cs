using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>
/// Requests that other front doors hand to sessions of this one. Each is in flight here under the id that its first front door gave it, so
/// that the agent's response calls find it; rates, callers' limits and metrics counted there.
/// </summary>
internal sealed class HandedRequests(
    IFrontDoor frontDoor, SessionRegistry sessions, InFlightRequests inFlight, LimitRejections rejections, GatewayClock clock, IOptions<RequestOptions> options)
{
    /// <summary>Sends a request to the session that it names, and its response to the sink. One hop: it goes to no other.</summary>
    /// <returns>What became of it; null: the session is not here, and nothing was sent.</returns>
    public async Task<RequestResult?> SendAsync(AgentRequest message, PeerCall call, long arrived, IResponseSink sink, CancellationToken callerGone)
    {
        if (!frontDoor.Serves || sessions.Find(call.Session.Value) is not { } session || session.Agent != call.Agent)
        {
            return null;
        }

        var request = Open(message, call, arrived, sink);
        if (inFlight.TryAdd(request) is { } full)
        {
            return new RequestResult(call.Id, full.Verdict, Sent: false, Started: false, full.Detail);
        }

        using var gone = callerGone.UnsafeRegister(static live => ((LiveRequest)live!).CallerGone(), request);
        try
        {
            if (Offer(request, session))
            {
                request.CallersTurn();
                await sink.AcceptedAsync(request.Id, callerGone);
                await RequestForwarder.RelayAsync(request, sink, callerGone);
            }

            // Given back unsent, by a session that ended: its first front door routes it again.
            return request.End(Verdict.AgentOffline, "") ? null : request.Result();
        }
        catch (Exception)
        {
            // The other front door's stream threw, as streams do whose callers have gone.
            request.CallerGone();
            return request.Result();
        }
        finally
        {
            request.End(Verdict.Internal, "");
            inFlight.Forget(request);
        }
    }

    // False: the session did not take it, or its time is up.
    private bool Offer(LiveRequest request, AgentSession session)
    {
        if (request.IsOver())
        {
            return false;
        }

        var result = RequestForwarder.Offer(request, session);
        if (result.Outcome == TakeOutcome.Overloaded)
        {
            request.End(Verdict.Overloaded, rejections.Count(result));
        }
        else if (result.Outcome == TakeOutcome.NotThere && !session.HasEnded)
        {
            // It goes on with what it has. Were it called gone, the first front door would tell the agent's grain so.
            request.End(Verdict.Overloaded, "the agent has a newer session, and this one takes nothing new");
        }

        return result.Outcome == TakeOutcome.Taken;
    }

    private LiveRequest Open(AgentRequest message, PeerCall call, long arrived, IResponseSink sink)
    {
        var at = clock.At(arrived);
        var terms = new RequestTerms
        {
            Agent = call.Agent,
            Method = message.Method,
            Arrived = at,
            Deadline = at + call.TimeLeft - RequestTerms.BeforeCaller,
            BodyBytes = message.Body.Length,
            HandedOver = true,
        };
        var size = message.CalculateSize() + RequestAdmission.AddedBytes;
        return new LiveRequest(inFlight, options.Value, clock, call.Id, terms, message, size) { Sink = sink };
    }
}
