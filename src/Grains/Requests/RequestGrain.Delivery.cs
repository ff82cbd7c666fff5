using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Requests;

namespace Switchboard.Grains.Requests;

/// <summary>
/// The way of one attempt to the agent: ask its grain where it is, write the attempt down, hand it to that front door. No step waits
/// for the agent, and all of them together are bounded to less than a grain call may last.
/// </summary>
internal sealed partial class RequestGrain
{
    /// <summary>How often a session that is gone makes the agent's grain be asked again.</summary>
    private const int AskAgain = 2;

    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(4);

    private async Task DeliverAsync()
    {
        var until = _clock.Now + _turn;
        var agent = GrainFactory.GetGrain<IAgentGrain>(state.State.Report!.AgentKey);
        var refused = 0UL;
        for (var asked = 0; asked <= AskAgain; asked++)
        {
            var route = await _clock.Bound(agent.Route(refused), Left(until));
            if (route.Targets.Count == 0 || _life!.BeginHanding(_clock.Now) is not { } timeLeft)
                break;
            // Of a pool another one each time: what is in flight is known to the front doors only.
            var target = route.Targets[(int)((_id.Value + _life.Attempt) % (ulong)route.Targets.Count)];
            await WriteAttemptAsync(target.Lane);
            switch (await HandOverAsync(target.Lane, target.Session, timeLeft, until))
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

        state.State.Lane = null;
        _life!.NotTaken(_clock.Now);
        LogNotTaken(_id, _life.Attempt);
    }

    // Null: the front door did not reply, and may have it or not.
    private async Task<HandOverResult?> HandOverAsync(IFrontDoorLane lane, ulong session, TimeSpan timeLeft, TimeSpan until)
    {
        LogAttempt(_id, _life!.Attempt);
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
            return await _clock.Bound(lane.HandOver(envelope), Left(until));
        }
        catch (ClientNotAvailableException)
        {
            return HandOverResult.NoSuchSession;
        }
        catch (Exception e)
        {
            // The front door may have it: until it says otherwise, "not sent" would be a promise that nobody can keep.
            LogLaneUntold(e, _id);
            _life.MayBeTaken(_clock.Now);
            ReportSent();
            return null;
        }
    }

    // Before it is sent: an activation that is lost now leaves behind whom to ask, and no two attempts get one number.
    private Task WriteAttemptAsync(IFrontDoorLane lane)
    {
        state.State.Lane = lane;
        state.State.Report = state.State.Report! with { Attempt = _life!.Attempt };
        return WriteAsync();
    }

    // In memory only: after a lost activation the front door is asked, and until then the report says a little less.
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
            state.State.Report = report with { State = RequestState.Accepted, Sent = false, SentAt = null };
    }

    private async Task InquireAsync()
    {
        var attempt = _life!.Attempt;
        try
        {
            var report = await _clock.Bound(state.State.Lane!.Describe(_id.Value), _options.LaneCallTimeout);
            if (report is null || report.Attempt != attempt)
                _life.Lost(_clock.Now);
            else if (report.State == RequestState.Ended)
                _life.Unanswered(_clock.Now);
            else
                _life.GoesOn(_clock.Now);
        }
        catch (ClientNotAvailableException)
        {
            _life.Lost(_clock.Now);
        }
        catch (Exception e)
        {
            LogLaneUntold(e, _id);
            _life.Unanswered(_clock.Now);
        }

        if (_life.Phase == DurablePhase.Waiting)
        {
            state.State.Lane = null;
            LogRetried(_id, attempt, Verdict.AgentDisconnected);
        }
    }

    private TimeSpan Left(TimeSpan until)
    {
        var left = until - _clock.Now;
        return left < _options.LaneCallTimeout ? left : _options.LaneCallTimeout;
    }
}
