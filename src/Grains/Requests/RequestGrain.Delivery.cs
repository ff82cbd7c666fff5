using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// Delivers one attempt to the agent: asks its grain for its sessions, persists the attempt, hands it to a front door. No step waits for
/// the agent, and all of them together are bounded to less than the maximum of a grain call.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>How often the agent's grain is asked again because a session had ended.</summary>
    private const int AskAgain = 2;

    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(4);

    private async Task DeliverAsync()
    {
        var until = _clock.Now + _turn;
        var agent = GrainFactory.GetGrain<IAgentGrain>(state.State.Report!.AgentKey);
        var refused = 0UL;
        for (var asked = 0; asked <= AskAgain; asked++)
        {
            if (refused != 0)
            {
                await _clock.Bound(agent.SessionGone(refused), Left(until));
            }

            var route = await _clock.Bound(agent.Route(), Left(until));
            if (route.Targets.Count == 0 || _life!.BeginHanding(_clock.Now) is not { } timeLeft)
            {
                break;
            }
            // Of a pool another one each time: the requests in flight are known to the front doors only.
            var target = route.Targets[(int)((_id.Value + _life.Attempt) % (ulong)route.Targets.Count)];
            await WriteAttemptAsync(target.Observer);
            switch (await HandOverAsync(target.Observer, target.Session, timeLeft, until))
            {
                case HandOverResult.Taken:
                    NoteTaken();
                    return;
                case null:
                    return;
                case HandOverResult.NoSuchSession:
                    refused = target.Session;
                    _life.SessionGone();
                    break;
                default:
                    asked = AskAgain;
                    break;
            }
        }

        state.State.Observer = null;
        _life!.NotTaken(_clock.Now);
        Log.NotTaken(_logger, _id, _life.Attempt);
    }

    // Null: the front door did not reply, and may have it or not.
    private async Task<HandOverResult?> HandOverAsync(IFrontDoorObserver observer, ulong session, TimeSpan timeLeft, TimeSpan until)
    {
        Log.Attempt(_logger, _id, _life!.Attempt);
        var envelope = new RequestEnvelope
        {
            RequestId = _id.Value,
            AgentKey = state.State.Report!.AgentKey,
            Session = session,
            Attempt = _life.Attempt,
            TimeLeft = timeLeft,
            Payload = state.State.Payload,
        };
        try
        {
            return await _clock.Bound(observer.HandOver(envelope), Left(until));
        }
        catch (ClientNotAvailableException)
        {
            return HandOverResult.NoSuchSession;
        }
        catch (Exception e)
        {
            // The front door may have it: until it reports otherwise, "not sent" cannot be guaranteed.
            Log.ObserverCallFailed(_logger, e, _id);
            _life.MayBeTaken(_clock.Now);
            ReportSent();
            return null;
        }
    }

    // Before it is sent: an activation that is lost now leaves behind which front door to ask, and no two attempts get one number.
    private Task WriteAttemptAsync(IFrontDoorObserver observer)
    {
        state.State.Observer = observer;
        state.State.Report = state.State.Report! with { Attempt = _life!.Attempt };
        return WriteAsync();
    }

    // In memory only: after a lost activation the front door is asked, and until then the report lacks the sent time.
    private void NoteTaken()
    {
        _life!.Taken(_clock.Now);
        ReportSent();
    }

    private void ReportSent() =>
        state.State.Report = state.State.Report! with { State = RequestState.Sent, Sent = true, SentAt = _clock.UtcNow };

    private void NoteSent(bool sent)
    {
        var report = state.State.Report!;
        if (!sent && report.Attempt == 1)
        {
            state.State.Report = report with { State = RequestState.Accepted, Sent = false, SentAt = null };
        }
    }

    private async Task InquireAsync()
    {
        var attempt = _life!.Attempt;
        try
        {
            var report = await _clock.Bound(state.State.Observer!.Describe(_id.Value), _options.ObserverCallTimeout);
            if (report is null || report.Attempt != attempt)
            {
                _life.Lost(_clock.Now);
            }
            else if (report.State == RequestState.Ended)
            {
                _life.NoReply(_clock.Now);
            }
            else
            {
                _life.GoesOn(_clock.Now);
            }
        }
        catch (ClientNotAvailableException)
        {
            _life.Lost(_clock.Now);
        }
        catch (Exception e)
        {
            Log.ObserverCallFailed(_logger, e, _id);
            _life.NoReply(_clock.Now);
        }

        if (_life.Phase == DurablePhase.Waiting)
        {
            state.State.Observer = null;
            Log.Retried(_logger, _id, attempt, Verdict.AgentDisconnected);
        }
    }

    private TimeSpan Left(TimeSpan until)
    {
        var left = until - _clock.Now;
        return left < _options.ObserverCallTimeout ? left : _options.ObserverCallTimeout;
    }
}
