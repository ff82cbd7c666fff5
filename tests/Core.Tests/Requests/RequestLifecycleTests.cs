using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

public sealed class RequestLifecycleTests
{
    private static readonly SessionId _s1 = new(1);
    private static readonly SessionId _s2 = new(2);
    private static readonly TimeSpan _arrived = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(101);
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(130);
    private readonly RequestLifecycle _life = new(_arrived, _deadline);

    [Fact]
    public void A_response_goes_all_the_way()
    {
        Assert.Equal(SendOutcome.Sent, _life.TrySend(_s1, _soon));
        Assert.Equal(BeginResponseOutcome.Granted, _life.BeginResponse(_s1, 1, _soon));
        Assert.True(_life.FirstMessageHanded(1, _soon));
        Assert.True(_life.MayHandOver(1));
        Assert.Equal(DeadlineOutcome.NoLongerApplies, _life.DeadlineReached(_deadline));
        Assert.Equal(ResponseCallOutcome.Ended, _life.ResponseCallEnded(1, ResponseCallEnd.Completed, _deadline * 2));

        Assert.Equal((RequestState.Ended, Verdict.Answered, 1u), (_life.State, _life.Verdict!.Value, _life.Attempt));
        Assert.Equal((_arrived, _soon), (_life.ArrivedAt, _life.SentAt!.Value));
        Assert.Equal((_soon, _deadline * 2), (_life.FirstMessageAt!.Value, _life.EndedAt!.Value));
        Assert.Null(_life.CurrentResponseCall);
    }

    [Fact]
    public void No_message_at_all_is_an_empty_response()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);

        Assert.Equal(ResponseCallOutcome.Ended, _life.ResponseCallEnded(1, ResponseCallEnd.Completed, _soon));
        Assert.Equal(Verdict.Answered, _life.Verdict);
        Assert.Null(_life.FirstMessageAt);
    }

    /// <summary>A2, W6: one deadline from arrival; whatever waited before the send, a request whose time is up is not sent.</summary>
    [Theory]
    [InlineData(-1, SendOutcome.Sent)]
    [InlineData(0, SendOutcome.Expired)]
    [InlineData(1, SendOutcome.Expired)]
    public void A_request_whose_time_is_up_is_not_sent(int ticksAfterDeadline, SendOutcome expected)
    {
        Assert.Equal(expected, _life.TrySend(_s1, _deadline + TimeSpan.FromTicks(ticksAfterDeadline)));
        Assert.Equal(expected == SendOutcome.Expired ? Verdict.ExpiredUnsent : null, _life.Verdict);
        Assert.Equal(expected == SendOutcome.Sent, _life.WasSent);
    }

    /// <summary>W11: one ending each for time up unsent, time up sent, agent gone, agent failed: never one for all.</summary>
    [Fact]
    public void Time_up_and_agent_gone_are_told_apart()
    {
        Verdict? Ended(Action<RequestLifecycle> how)
        {
            var life = new RequestLifecycle(_arrived, _deadline);
            how(life);
            return life.Verdict;
        }

        Assert.Equal(Verdict.ExpiredUnsent, Ended(life => life.DeadlineReached(_deadline)));
        Assert.Equal(Verdict.FirstMessageTimeout, Ended(life =>
        {
            life.TrySend(_s1, _soon);
            life.DeadlineReached(_deadline);
        }));
        Assert.Equal(Verdict.AgentDisconnected, Ended(life =>
        {
            life.TrySend(_s1, _soon);
            life.SessionEnded(_s1, _soon);
        }));
        Assert.Equal(Verdict.AgentFailed, Ended(life =>
        {
            life.TrySend(_s1, _soon);
            life.BeginResponse(_s1, 1, _soon);
            life.ResponseCallEnded(1, ResponseCallEnd.Failed, _soon);
        }));
    }

    [Fact]
    public void A_deadline_that_is_still_ahead_ends_nothing()
    {
        Assert.Equal(DeadlineOutcome.TooEarly, _life.DeadlineReached(_deadline - TimeSpan.FromTicks(1)));
        Assert.Equal(RequestState.Accepted, _life.State);
    }

    /// <summary>W8: a response by another session than the one that it was sent to is refused.</summary>
    [Fact]
    public void Only_the_session_that_it_was_sent_to_may_respond()
    {
        Assert.Equal(BeginResponseOutcome.NotSent, _life.BeginResponse(_s1, 1, _soon));
        _life.TrySend(_s1, _soon);

        Assert.Equal(BeginResponseOutcome.WrongSession, _life.BeginResponse(_s2, 2, _soon));
        Assert.Null(_life.CurrentResponseCall);
        Assert.False(_life.FirstMessageHanded(2, _soon));
    }

    /// <summary>W9: the session ends while its request waits for a response: the caller is told at once, not at the deadline.</summary>
    [Fact]
    public void A_session_that_ends_takes_along_its_requests_without_a_response()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);

        Assert.Equal(SessionEndOutcome.NotConcerned, _life.SessionEnded(_s2, _soon));
        Assert.Equal(SessionEndOutcome.Ended, _life.SessionEnded(_s1, _soon));
        Assert.Equal(Verdict.AgentDisconnected, _life.Verdict);
        Assert.Equal(1, _life.CurrentResponseCall);
        Assert.Equal(ResponseCallOutcome.NotConcerned, _life.ResponseCallEnded(1, ResponseCallEnd.Completed, _soon));
    }

    /// <summary>S2: a response under way outlives its session, and breaks only with its own call.</summary>
    [Fact]
    public void A_response_under_way_goes_on_without_its_session()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);
        _life.FirstMessageHanded(1, _soon);

        Assert.Equal(SessionEndOutcome.GoesOn, _life.SessionEnded(_s1, _soon));
        Assert.True(_life.MayHandOver(1));
        Assert.Equal(ResponseCallOutcome.Ended, _life.ResponseCallEnded(1, ResponseCallEnd.BrokeOff, _soon));
        Assert.Equal(Verdict.AgentFailed, _life.Verdict);
    }

    [Fact]
    public void A_session_that_ends_before_the_send_leaves_the_request_to_be_routed_anew()
    {
        Assert.Equal(SessionEndOutcome.Unsent, _life.SessionEnded(_s1, _soon));
        Assert.Equal(SendOutcome.Sent, _life.TrySend(_s2, _soon));
        Assert.Equal(1u, _life.Attempt);
    }

    /// <summary>W12: an agent tries again: the newer call has the word until a message has been handed over, then none other.</summary>
    [Fact]
    public void A_newer_response_call_takes_over_until_a_message_has_been_handed_over()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);
        Assert.Equal(BeginResponseOutcome.Granted, _life.BeginResponse(_s1, 1, _soon));
        Assert.Equal(BeginResponseOutcome.GrantedInsteadOf, _life.BeginResponse(_s1, 2, _soon));
        Assert.Equal(1, _life.Replaced);

        // The older call's end arrives late; it must not take the newer one's word away.
        Assert.False(_life.FirstMessageHanded(1, _soon));
        Assert.Equal(ResponseCallOutcome.NotConcerned, _life.ResponseCallEnded(1, ResponseCallEnd.Completed, _soon));
        Assert.True(_life.FirstMessageHanded(2, _soon));
        Assert.Equal(BeginResponseOutcome.AlreadyResponding, _life.BeginResponse(_s1, 3, _soon));
        Assert.True(_life.MayHandOver(2));
    }

    [Fact]
    public void A_call_that_breaks_before_its_first_message_leaves_room_for_another()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);

        Assert.Equal(ResponseCallOutcome.StillSent, _life.ResponseCallEnded(1, ResponseCallEnd.BrokeOff, _soon));
        Assert.Equal(RequestState.Sent, _life.State);
        Assert.Equal(BeginResponseOutcome.Granted, _life.BeginResponse(_s1, 2, _soon));
        Assert.True(_life.FirstMessageHanded(2, _soon));
    }

    [Fact]
    public void A_message_too_large_ends_it_too_large()
    {
        _life.TrySend(_s1, _soon);
        _life.BeginResponse(_s1, 1, _soon);
        _life.ResponseCallEnded(1, ResponseCallEnd.TooLarge, _soon);

        Assert.Equal((Verdict.TooLarge, true), (_life.Verdict!.Value, _life.WasSent));
    }

    /// <summary>W10: a request goes to one session once; after its end nothing sends it or responds to it.</summary>
    [Fact]
    public void After_the_end_nothing_moves_it()
    {
        _life.TrySend(_s1, _soon);
        Assert.Equal(SendOutcome.AlreadySent, _life.TrySend(_s2, _soon));
        _life.BeginResponse(_s1, 1, _soon);
        Assert.True(_life.End(Verdict.CallerCancelled, _soon));

        Assert.Equal(1, _life.CurrentResponseCall);
        Assert.False(_life.End(Verdict.Internal, _deadline));
        Assert.Equal(SendOutcome.AlreadyEnded, _life.TrySend(_s1, _soon));
        Assert.Equal(BeginResponseOutcome.Ended, _life.BeginResponse(_s1, 2, _soon));
        Assert.False(_life.FirstMessageHanded(1, _soon));
        Assert.Equal(SessionEndOutcome.NotConcerned, _life.SessionEnded(_s1, _soon));
        Assert.Equal(DeadlineOutcome.NoLongerApplies, _life.DeadlineReached(_deadline));
        Assert.Equal((Verdict.CallerCancelled, _soon), (_life.Verdict!.Value, _life.EndedAt!.Value));
    }

    /// <summary>Verdicts are kept and sent as numbers; a new one goes to the end.</summary>
    [Fact]
    public void The_verdicts_keep_their_numbers() => Assert.Equal(
        "Answered BadRequest TooLarge Unauthenticated Forbidden AgentUnknown AgentOffline Overloaded Draining ExpiredUnsent "
        + "FirstMessageTimeout Stalled AgentDisconnected AgentFailed CallerCancelled DuplicateId NotFound MethodNotAllowed "
        + "UnsupportedMediaType Expired StorageFull TaskOutcomeUnknown ApplierFailed Internal Unavailable AnswerNotKept",
        string.Join(' ', Enumerable.Range(0, Enum.GetValues<Verdict>().Length).Select(number => (Verdict)number)));
}
