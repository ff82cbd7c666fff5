using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>Describes how a subscription ended.</summary>
/// <param name="Refused">Not null: it was refused, or failed; the call ends with this verdict.</param>
/// <param name="Detail">The detail, for display.</param>
internal readonly record struct SubscriptionResult(Verdict? Refused, string Detail);

/// <summary>Runs the life of a session, in order. README.md says what holds throughout.</summary>
internal sealed partial class SubscriptionHandler(
    SessionRegistry registry, SessionAnnouncer calls, RouteCache<AgentSession> routes, IEnumerable<ISessionObserver> observers, IFrontDoor frontDoor, Drain drain,
    AdmissionLimits limits, SwitchboardMeter meter, ConnectTurns turns, SessionLog log, GatewayClock clock, IOptions<AgentSessionOptions> options,
    ILogger<SubscriptionHandler> logger)
{
    /// <summary>
    /// The maximum time of a connect as a whole: the wait for its turn, the tries while no silo takes it, as until the death of the one with
    /// the agent's grain is found, and the hold while its agent's sessions displace one another too fast (R7: the grain does not wait, this
    /// does). Shorter than the 15 s for which the SDK waits for its welcome: it is told, and need not guess.
    /// </summary>
    internal static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(800);

    /// <summary>Runs one subscription until it, and its stream, has ended.</summary>
    /// <param name="subscriber">The subscriber.</param>
    /// <param name="stream">Its stream; not used any more when the task has completed.</param>
    /// <param name="agentGone">Fires when the agent's call has ended.</param>
    public async Task<SubscriptionResult> RunAsync(Subscriber subscriber, ISessionStream stream, CancellationToken agentGone)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
        {
            return Refuse("draining", Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");
        }

        if (!limits.TryConnect(subscriber.Agent, out var tooMany))
        {
            return Refuse("overloaded", Verdict.Overloaded, tooMany);
        }

        // 1. Registered here, with `welcome` first in its queue, before the grain can route a request to it: Orleans gives no order between
        // the reply to Connect and a request that comes at the same time.
        var session = new AgentSession(registry, options.Value, clock, DrawId(), subscriber, stream);
        if (!registry.TryAdd(session))
        {
            return Refuse("overloaded", Verdict.Overloaded, limits.Rejections.Count(AdmissionLimit.ProcessSessions, options.Value.MaxSessions));
        }

        // The process may have begun to stop between the check above and the registration, and then nothing else would end this session.
        if (frontDoor.Stopping)
        {
            session.End(SessionEndCause.Draining);
        }

        using var span = Spans.Subscribe(session.Agent, session.Id);
        using var gone = agentGone.UnsafeRegister(static s => ((AgentSession)s!).End(SessionEndCause.AgentGone), session);
        SubscriptionResult? refused = null;
        try
        {
            // 2. The agent's grain makes it the current one, or one of the pool; those that it displaced here end at once.
            refused = await ConnectAsync(session, agentGone);
            if (refused is not null)
            {
                session.End(SessionEndCause.NotConnected);
            }

            // 3. One loop writes, until the session has ended.
            await session.WriteAllAsync();
        }
        catch (Exception e)
        {
            // The stream threw: its agent has gone, or it was aborted.
            Log.StreamFailed(logger, session.Agent, session.Id, e);
        }
        finally
        {
            // 4. It has ended, whatever the cause. The grain and the index are notified while the stream ends already.
            session.End(SessionEndCause.AgentGone);
            registry.StreamEnded(session);
            calls.ReportDisconnect(session);
            log.Ended(session);
        }
        return refused is { } why && !agentGone.IsCancellationRequested ? why : default;
    }

    // Null: it is connected.
    private async Task<SubscriptionResult?> ConnectAsync(AgentSession session, CancellationToken agentGone)
    {
        var delayed = false;
        SubscriptionResult? refused = null;
        var outcome = "connected";
        using var over = new CancellationTokenSource(LongestConnect, clock.Time);
        using var calling = CancellationTokenSource.CreateLinkedTokenSource(agentGone, over.Token);
        using var pausing = CancellationTokenSource.CreateLinkedTokenSource(calling.Token, drain.Begun);
        var bound = new Bound(clock.Now + LongestConnect, calling.Token, pausing.Token);
        try
        {
            if (await TryConnectAsync(session, bound, agentGone) is not { } connected)
            {
                return Refuse("overloaded", Verdict.Overloaded, "more agents connect at once than this gateway can take");
            }

            if (connected.Result == ConnectResult.Wait)
            {
                delayed = true;
                connected = await HoldAsync(session, connected, bound);
            }
            if (connected.Result == ConnectResult.Connected)
            {
                await ConnectedAsync(session, connected, agentGone);
            }
            else
            {
                (outcome, refused) = ("overloaded", new SubscriptionResult(Verdict.Overloaded, WhyNot(connected.Result)));
            }
        }
        catch (OperationCanceledException) when (agentGone.IsCancellationRequested)
        {
            (outcome, refused) = ("agent-gone", new SubscriptionResult(Verdict.Internal, ""));
        }
        catch (OperationCanceledException) when (drain.Stopping)
        {
            (outcome, refused) = ("draining", new SubscriptionResult(Verdict.Draining, "the gateway is stopping"));
        }
        catch (Exception e) when (GrainCalls.MeansUnavailable(e) || (e is OperationCanceledException && over.IsCancellationRequested))
        {
            (outcome, refused) = ("unavailable", new SubscriptionResult(Verdict.Unavailable, "the cluster could not be asked to connect the agent"));
            Log.ConnectFailed(logger, session.Agent, session.Id, e);
        }
        catch (Exception e)
        {
            (outcome, refused) = ("failed", new SubscriptionResult(Verdict.Internal, "the agent's session could not be registered"));
            Log.ConnectFailed(logger, session.Agent, session.Id, e);
        }
        meter.Connect(outcome);
        if (delayed)
        {
            meter.ConnectDelayed(outcome);
        }

        return refused;
    }

    /// <summary>
    /// Asks the agent's grain, and again while no silo takes the call. The grain may have taken one whose reply was lost: the same session
    /// gets the same number then, and displaces nobody again.
    /// </summary>
    /// <returns>Null: there was no turn for it.</returns>
    private async Task<SessionConnected?> TryConnectAsync(AgentSession session, Bound bound, CancellationToken agentGone)
    {
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            // A turn for each try: those whose grains can be asked need not wait while others pause.
            using (var turn = await turns.TakeAsync(bound.Until - clock.Now, agentGone))
            {
                if (turn is null)
                {
                    return null;
                }

                // It may have waited long enough for the process to stop.
                drain.Begun.ThrowIfCancellationRequested();
                try
                {
                    return await calls.ConnectAsync(session, bound.Calling);
                }
                catch (Exception e) when (GrainCalls.MeansUnavailable(e) && clock.Now + pause < bound.Until)
                {
                    Log.ConnectRepeated(logger, session.Agent, session.Id, e);
                }
            }

            await Task.Delay(pause, clock.Time, bound.Pausing);
        }
    }

    private async Task ConnectedAsync(AgentSession session, SessionConnected connected, CancellationToken agentGone)
    {
        routes.Connected(session.Agent, frontDoor.Number, session.Id.Value, session, connected.Pool);
        foreach (var observer in observers)
        {
            observer.OnConnected(session);
        }

        foreach (var older in connected.Displaced)
        {
            if (registry.Find(older)?.End(SessionEndCause.Displaced) == true)
            {
                meter.Displaced();
            }
        }
        log.Opened(session);
        // It was asked to go while its connect was under way, when its grain did not know it and could not be asked to retire it.
        if (session.Retiring)
        {
            await calls.RetireAsync(session);
        }

        await calls.ReportOnlineAsync(session, agentGone);
    }

    /// <summary>
    /// Repeats the connect each time the grain asks for it, until it is connected or would have to wait past the bound. The existing session
    /// goes on meanwhile. Ends early if the agent leaves or the process drains.
    /// </summary>
    private async Task<SessionConnected> HoldAsync(AgentSession session, SessionConnected reply, Bound bound)
    {
        while (reply.Result == ConnectResult.Wait && clock.Now + reply.Wait < bound.Until)
        {
            await Task.Delay(reply.Wait, clock.Time, bound.Pausing);
            reply = await calls.ConnectAsync(session, bound.Calling);
        }
        return reply;
    }

    private static string WhyNot(ConnectResult result) => result == ConnectResult.PoolFull
        ? "the pool of this agent has as many sessions as it takes (Switchboard:Grains:SessionsPerPool)"
        : "sessions of this agent displace one another too fast: is its id used by two processes?";

    private SubscriptionResult Refuse(string outcome, Verdict verdict, string detail)
    {
        meter.Connect(outcome);
        return new SubscriptionResult(verdict, detail);
    }

    // From the system's generator: a client that guesses another agent's session could respond to its requests. 0 means "none" elsewhere.
    private static SessionId DrawId()
    {
        Span<byte> bits = stackalloc byte[8];
        ulong value;
        do
        {
            RandomNumberGenerator.Fill(bits);
            value = BinaryPrimitives.ReadUInt64LittleEndian(bits);
        }
        while (value == 0);
        return new SessionId(value);
    }

    /// <summary>Bounds a connect.</summary>
    /// <param name="Until">When it is given up.</param>
    /// <param name="Calling">Ends a call to the grain: at that time, or when the agent leaves.</param>
    /// <param name="Pausing">Ends a pause between calls: also when the process drains.</param>
    private readonly record struct Bound(TimeSpan Until, CancellationToken Calling, CancellationToken Pausing);

    private static partial class Log
    {
        [LoggerMessage(EventIds.SessionConnectFailed, LogLevel.Warning, "Session {Session} of agent {Agent} could not be registered with its grain.")]
        public static partial void ConnectFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);

        [LoggerMessage(EventIds.SessionConnectRepeated, LogLevel.Debug, "Session {Session} of agent {Agent} could not be registered with its grain yet.")]
        public static partial void ConnectRepeated(ILogger logger, AgentKey agent, SessionId session, Exception exception);

        [LoggerMessage(EventIds.SessionStreamFailed, LogLevel.Debug, "The stream of session {Session} of agent {Agent} failed.")]
        public static partial void StreamFailed(ILogger logger, AgentKey agent, SessionId session, Exception exception);
    }
}
