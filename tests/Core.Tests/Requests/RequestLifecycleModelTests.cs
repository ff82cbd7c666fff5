using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Core.Tests.Requests;

/// <summary>RequestLifecycle over random events: what must hold after each of them, and a model in plain variables.</summary>
public sealed class RequestLifecycleModelTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    /// <summary>R1: exactly one event ends it, that event says so, and nothing changes after.</summary>
    [Fact]
    public void Ends_exactly_once_and_keeps_its_invariants() => EventSequences.Check(events =>
    {
        var walk = new Walk();
        foreach (var next in events)
        {
            walk.Take(next);
        }

        walk.Finish();
    }, sequences: 3_000);

    private sealed class Walk
    {
        private readonly RequestLifecycle _life = new(TimeSpan.Zero, _deadline);
        private readonly HashSet<long> _handed = [];
        private TimeSpan _now = TimeSpan.Zero;
        private int _ends;

        // The model.
        private RequestState _state = RequestState.Accepted;
        private Verdict? _verdict;
        private SessionId? _session;
        private long? _current;

        public void Take(Event next)
        {
            _now += TimeSpan.FromSeconds(next.Draw(5) == 0 ? 8 : 0);
            var session = new SessionId((ulong)next.Draw(2));
            long call = next.Draw(3);
            switch (next.Draw(8))
            {
                case 0:
                    Send(session);
                    break;
                case 1:
                    Begin(session, call);
                    break;
                case 2 or 3:
                    Hand(call);
                    break;
                case 4:
                    EndCall(call, (ResponseCallEnd)next.Draw(4));
                    break;
                case 5:
                    EndSession(session);
                    break;
                case 6:
                    Deadline();
                    break;
                default:
                    if (next.Draw(6) == 0)
                    {
                        End(Verdict.CallerCancelled);
                    }

                    break;
            }
            Holds();
        }

        public void Finish()
        {
            End(Verdict.Internal);
            Holds();
            Assert.Equal(1, _ends);
        }

        private void Holds()
        {
            Assert.Equal((_state, _verdict, _session), (_life.State, _life.Verdict, _life.Session));
            Assert.Equal(_state == RequestState.Ended ? 1 : 0, _ends);
            Assert.Equal(_life.Verdict is not null, _life.State == RequestState.Ended);
            Assert.Equal(_life.EndedAt is not null, _life.State == RequestState.Ended);
            Assert.Equal(_life.WasSent, _life.Session is not null);
            Assert.Equal(_life.WasSent ? 1u : 0u, _life.Attempt);
            Assert.True(_life.SentAt is null || _life.SentAt < _deadline, "it was sent when its time was up");
            Assert.True(_life.FirstMessageAt is null || _life.FirstMessageAt >= _life.SentAt);
            Assert.True(_handed.Count <= 1, "two response calls reached the caller");
            Assert.Equal(_handed.Count == 1, _life.FirstMessageAt is not null);
            if (_state != RequestState.Ended)
            {
                Assert.Equal(_current, _life.CurrentResponseCall);
            }

            for (long call = 0; call < 3; call++)
            {
                Assert.Equal(_state != RequestState.Ended && _current == call, _life.MayHandOver(call));
            }

            Assert.True(FitsWhatHappened(), $"{_verdict} does not fit what happened");
        }

        private bool FitsWhatHappened() => _verdict switch
        {
            Verdict.ExpiredUnsent => !_life.WasSent && _life.EndedAt >= _deadline,
            Verdict.FirstMessageTimeout => _life.WasSent && _life.FirstMessageAt is null && _life.EndedAt >= _deadline,
            Verdict.AgentDisconnected => _life.WasSent && _life.FirstMessageAt is null,
            Verdict.Answered or Verdict.AgentFailed or Verdict.TooLarge => _life.WasSent,
            _ => true,
        };

        private void EndedBy(Verdict verdict)
        {
            _ends++;
            (_state, _verdict) = (RequestState.Ended, verdict);
        }

        private void Send(SessionId session)
        {
            var expected = _state switch
            {
                RequestState.Ended => SendOutcome.AlreadyEnded,
                RequestState.Accepted => _now >= _deadline ? SendOutcome.Expired : SendOutcome.Sent,
                _ => SendOutcome.AlreadySent,
            };
            Assert.Equal(expected, _life.TrySend(session, _now));
            if (expected == SendOutcome.Sent)
            {
                (_state, _session) = (RequestState.Sent, session);
            }
            else if (expected == SendOutcome.Expired)
            {
                EndedBy(Verdict.ExpiredUnsent);
            }
        }

        private void Begin(SessionId session, long call)
        {
            var expected = _state switch
            {
                RequestState.Ended => BeginResponseOutcome.Ended,
                RequestState.Accepted => BeginResponseOutcome.NotSent,
                _ when session != _session => BeginResponseOutcome.WrongSession,
                RequestState.Answering => BeginResponseOutcome.AlreadyResponding,
                _ when _current is null || _current == call => BeginResponseOutcome.Granted,
                _ => BeginResponseOutcome.GrantedInsteadOf,
            };
            Assert.Equal(expected, _life.BeginResponse(session, call, _now));
            if (expected == BeginResponseOutcome.GrantedInsteadOf)
            {
                Assert.Equal(_current, _life.Replaced);
            }

            if (expected is BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf)
            {
                _current = call;
            }
        }

        private void Hand(long call)
        {
            var expected = _state != RequestState.Ended && _current == call;
            Assert.Equal(expected, _life.FirstMessageHanded(call, _now));
            if (!expected)
            {
                return;
            }

            _state = RequestState.Answering;
            _handed.Add(call);
        }

        private void EndCall(long call, ResponseCallEnd how)
        {
            var concerned = _state != RequestState.Ended && _current == call;
            var another = concerned && how == ResponseCallEnd.BrokeOff && _state == RequestState.Sent;
            var expected = !concerned ? ResponseCallOutcome.NotConcerned
                : another ? ResponseCallOutcome.StillSent : ResponseCallOutcome.Ended;
            Assert.Equal(expected, _life.ResponseCallEnded(call, how, _now));
            if (concerned)
            {
                _current = null;
            }

            if (expected == ResponseCallOutcome.Ended)
            {
                EndedBy(how == ResponseCallEnd.Completed ? Verdict.Answered
                    : how == ResponseCallEnd.TooLarge ? Verdict.TooLarge : Verdict.AgentFailed);
            }
        }

        private void EndSession(SessionId session)
        {
            var expected = _state switch
            {
                RequestState.Accepted => SessionEndOutcome.Unsent,
                RequestState.Ended => SessionEndOutcome.NotConcerned,
                _ when session != _session => SessionEndOutcome.NotConcerned,
                RequestState.Sent => SessionEndOutcome.Ended,
                _ => SessionEndOutcome.GoesOn,
            };
            Assert.Equal(expected, _life.SessionEnded(session, _now));
            if (expected == SessionEndOutcome.Ended)
            {
                EndedBy(Verdict.AgentDisconnected);
            }
        }

        private void Deadline()
        {
            var expected = _state >= RequestState.Answering ? DeadlineOutcome.NoLongerApplies
                : _now < _deadline ? DeadlineOutcome.TooEarly : DeadlineOutcome.Ended;
            Assert.Equal(expected, _life.DeadlineReached(_now));
            if (expected == DeadlineOutcome.Ended)
            {
                EndedBy(_state == RequestState.Accepted ? Verdict.ExpiredUnsent : Verdict.FirstMessageTimeout);
            }
        }

        private void End(Verdict verdict)
        {
            var expected = _state != RequestState.Ended;
            Assert.Equal(expected, _life.End(verdict, _now));
            if (expected)
            {
                EndedBy(verdict);
            }
        }
    }
}
