using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Sessions;
using Switchboard.Api.Time;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Durable;

/// <summary>
/// Sends one session the queued requests of its agent, in the order in which they were accepted, as many at a time as the session takes. It
/// reads by state and never past a place, so that a request which comes back is found again before later ones.
/// </summary>
internal sealed partial class SessionPump(
    AgentSession session, DurableAttempts attempts, IRequestLog log, LostAttempts lost, IFrontDoor frontDoor, GatewayClock clock, ILogger logger,
    Action<AgentKey> wakeAgent, Action<SessionPump> onIdle)
{
    /// <summary>The maximum number of requests of one read.</summary>
    private const int MaxRead = 64;

    /// <summary>The bytes of payload after which a read takes no further request.</summary>
    private const long MaxReadBytes = 4 * 1024 * 1024;

    /// <summary>How often a new session waits for the attempts of the one before to be given up: they take that long where the storage is away.</summary>
    private const int MaxLooks = 100;

    private static readonly TimeSpan _lookSoon = TimeSpan.FromMilliseconds(20);

    /// <summary>When it is looked again where no attempt of its own will wake it: others fill the session, or the storage is away.</summary>
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _running;
    private bool _again;
    private bool _dropped;
    private bool _lostReleased;
    private int _looks;
    private int _underWay;

    public AgentSession Session => session;

    /// <summary>Looks for requests now, or once more after the look that is under way.</summary>
    /// <returns>False: it has been dropped, and another is to be made.</returns>
    public bool TryWake()
    {
        lock (_gate)
        {
            if (_dropped)
            {
                return false;
            }

            if (_running)
            {
                _again = true;
                return true;
            }

            _running = true;
        }

        _ = RunAsync();
        return true;
    }

    private async Task RunAsync()
    {
        // Whoever wakes it does not wait for it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan? next;
        do
        {
            next = await LookAsync();
        }
        while (!TryRest(next));
    }

    // The time until the next look; null: none until it is woken.
    private async Task<TimeSpan?> LookAsync()
    {
        try
        {
            using var turn = await attempts.TakeTurnAsync();
            if (!_lostReleased && !await lost.ReleaseAsync(session.Agent) && ++_looks < MaxLooks)
            {
                return _lookSoon;
            }

            _lostReleased = true;

            return await SendQueuedAsync();
        }
        catch (OperationCanceledException)
        {
            // The process ends.
            return null;
        }
        catch (Exception e)
        {
            Log.LookFailed(logger, session.Agent, e);
            return _lookAgain;
        }
    }

    private async Task<TimeSpan?> SendQueuedAsync()
    {
        while (Takes)
        {
            var room = Math.Min(session.MaxInFlight - session.InFlight, MaxRead);
            if (room <= 0)
            {
                return Volatile.Read(ref _underWay) > 0 ? null : _lookAgain;
            }

            var queued = await log.ReadQueuedAsync(session.Agent.ToString(), room, MaxReadBytes, CancellationToken.None);
            if (queued.Requests.Count > 0 && !await ClaimAndSendAsync(queued.Requests))
            {
                return _lookAgain;
            }

            if (!queued.More)
            {
                return queued.NextIn;
            }
        }

        return null;
    }

    private bool Takes => session is { HasEnded: false, HasSuccessor: false } && !frontDoor.Closed;

    // False: it came to nothing, and trying again at once would too.
    private async Task<bool> ClaimAndSendAsync(IReadOnlyList<QueuedRequest> queued)
    {
        var claims = queued.Select(one => new AttemptClaim(one.Request.Id, one.Request.Attempt + 1, session.Id.Value, frontDoor.Number)).ToList();
        var made = await attempts.ClaimAsync(claims);
        var sent = false;
        for (var i = 0; i < claims.Count; i++)
        {
            // One that another session has claimed is not queued any more: the next read does not find it.
            if (!made[i])
            {
                sent = true;
                continue;
            }

            Interlocked.Increment(ref _underWay);
            sent |= attempts.Start(session, queued[i], claims[i], Ended);
        }

        return sent;
    }

    private void Ended(bool queuedAgain)
    {
        Interlocked.Decrement(ref _underWay);
        TryWake();
        if (queuedAgain)
        {
            // This session may have ended, and another of the agent's takes it.
            wakeAgent(session.Agent);
        }
    }

    // False: it was woken meanwhile, and looks again.
    private bool TryRest(TimeSpan? next)
    {
        lock (_gate)
        {
            if (_again)
            {
                _again = false;
                return false;
            }

            _running = false;
            var due = Takes ? next : null;
            if (due is { } time)
            {
                _timer ??= clock.Time.CreateTimer(static pump => ((SessionPump)pump!).TryWake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(time > TimeSpan.Zero ? time : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                return true;
            }

            if (Volatile.Read(ref _underWay) > 0)
            {
                return true;
            }

            _dropped = true;
            _timer?.Dispose();
        }

        onIdle(this);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableLookFailed, LogLevel.Debug, "The durable requests of agent {Agent} could not be read; tried again soon.")]
        public static partial void LookFailed(ILogger logger, AgentKey agent, Exception exception);
    }
}
