using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Switchboard.Abstractions.Agents;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Hosting;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Sessions;

/// <summary>How a subscription ended.</summary>
/// <param name="Refused">Not null: it never began, or failed; the call ends with this verdict.</param>
/// <param name="Detail">For people.</param>
internal readonly record struct SubscriptionResult(Verdict? Refused, string Detail);

/// <summary>The life of a session, in order. README.md says what holds throughout.</summary>
internal sealed partial class Subscriptions(
    SessionRegistry registry, SessionCalls calls, IFrontDoor frontDoor, Drain drain, AdmissionLimits limits, SwitchboardMeter meter,
    ConnectTurns turns, SessionLog log, ILogger<Subscriptions> logger)
{
    /// <summary>
    /// How long a session is held here whose agent's sessions displace one another too fast. R7: the grain does not wait, this does.
    /// </summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    /// <summary>Runs one subscription until it is over, and its stream with it.</summary>
    /// <param name="subscriber">Who.</param>
    /// <param name="stream">Its stream; not used any more when the task has ended.</param>
    /// <param name="agentGone">Fires when the agent's call is over.</param>
    public async Task<SubscriptionResult> RunAsync(Subscriber subscriber, ISessionStream stream, CancellationToken agentGone)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
            return Refuse("draining", Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");

        if (!limits.TryConnect(subscriber.Agent, out string? tooMany))
            return Refuse("overloaded", Verdict.Overloaded, tooMany);

        // 1. Known here, with `welcome` first in its queue, before the grain can send anybody to it: Orleans gives no order between
        //    the answer to Connect and a request that comes at the same time.
        var session = new AgentSession(registry, DrawId(), subscriber, stream);
        if (!registry.TryAdd(session))
            return Refuse("overloaded", Verdict.Overloaded, limits.Refusals.Count(AdmissionLimit.ProcessSessions, registry.Options.MaxSessions));

        // The process may have begun to stop between the look above and the registration, and then nobody would end this session.
        if (frontDoor.Stopping)
            session.End(SessionEndCause.Draining);
        using Activity? span = Spans.Subscribe(session.Agent, session.Id);
        using var gone = agentGone.UnsafeRegister(static s => ((AgentSession)s!).End(SessionEndCause.AgentGone), session);
        SubscriptionResult? refused = null;
        try
        {
            // 2. The agent's grain makes it the current one, or one of the pool; those that it displaced here end at once.
            refused = await ConnectAsync(session, agentGone);
            if (refused is not null)
                session.End(SessionEndCause.NotConnected);

            // 3. One loop writes, until the session is over.
            await session.WriteAllAsync();
        }
        catch (Exception e)
        {
            // The stream threw: its agent has gone, or it was cut.
            Log.StreamFailed(logger, session.Agent, session.Id, e);
        }
        finally
        {
            // 4. Over, whatever happened. The grain and the index are told while the stream ends already.
            session.End(SessionEndCause.AgentGone);
            registry.StreamEnded(session);
            calls.Farewell(session);
            log.Ended(session);
        }
        return refused is { } why && !agentGone.IsCancellationRequested ? why : default;
    }

    // Null: it is connected.
    private async Task<SubscriptionResult?> ConnectAsync(AgentSession session, CancellationToken agentGone)
    {
        bool delayed = false;
        SubscriptionResult? refused = null;
        string outcome = "connected";
        try
        {
            using ConnectTurns.Turn? turn = await turns.TakeAsync(agentGone);
            if (turn is null)
                return Refuse("overloaded", Verdict.Overloaded, "more agents connect at once than this gateway can take");

            // It may have waited long enough for the process to stop.
            if (session.Ended == SessionEndCause.Draining)
                return Refuse("draining", Verdict.Draining, "the gateway is stopping");
            SessionConnected connected = await calls.ConnectAsync(session, agentGone);
            if (connected.Result == ConnectResult.Wait)
            {
                delayed = true;
                turn.Dispose();
                connected = await HoldAsync(session, connected, agentGone);
            }
            if (connected.Result == ConnectResult.Connected)
                await ConnectedAsync(session, connected, agentGone);
            else
                (outcome, refused) = ("overloaded", new SubscriptionResult(Verdict.Overloaded, WhyNot(connected.Result)));
        }
        catch (OperationCanceledException) when (agentGone.IsCancellationRequested)
        {
            (outcome, refused) = ("agent-gone", new SubscriptionResult(Verdict.Internal, ""));
        }
        catch (OperationCanceledException) when (drain.Stopping)
        {
            (outcome, refused) = ("draining", new SubscriptionResult(Verdict.Draining, "the gateway is stopping"));
        }
        catch (Exception e)
        {
            (outcome, refused) = ("failed", new SubscriptionResult(Verdict.Internal, "the agent's session could not be registered"));
            Log.ConnectFailed(logger, session.Agent, session.Id, e);
        }
        meter.Connect(outcome);
        if (delayed)
            meter.ConnectDelayed(outcome);
        return refused;
    }

    private async Task ConnectedAsync(AgentSession session, SessionConnected connected, CancellationToken agentGone)
    {
        foreach (ulong older in connected.Displaced)
        {
            if (registry.Find(older)?.End(SessionEndCause.Displaced) == true)
                meter.Displaced();
        }
        log.Opened(session);
        // It was asked to go while its connect was under way, and its grain could not be told of a session that it did not know.
        if (session.Retiring)
            await calls.RetireAsync(session);
        await calls.ReportOnlineAsync(session, agentGone);
    }

    /// <summary>
    /// Asks again each time that the grain says when, until it connects the session or the longest hold is over. The session that is
    /// there meanwhile goes on. Ends early where the agent leaves or the process drains.
    /// </summary>
    private async Task<SessionConnected> HoldAsync(AgentSession session, SessionConnected answer, CancellationToken agentGone)
    {
        TimeSpan until = registry.Clock.Now + LongestHold;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(agentGone, drain.Begun);
        while (answer.Result == ConnectResult.Wait && registry.Clock.Now + answer.Wait <= until)
        {
            await Task.Delay(answer.Wait, registry.Clock.Time, ending.Token);
            answer = await calls.ConnectAsync(session, agentGone);
        }
        return answer;
    }

    private static string WhyNot(ConnectResult result) => result == ConnectResult.PoolFull
        ? "the pool of this agent has as many sessions as it takes (Switchboard:Grains:SessionsPerPool)"
        : "sessions of this agent displace one another too fast: is its id used by two processes?";

    private SubscriptionResult Refuse(string outcome, Verdict verdict, string detail)
    {
        meter.Connect(outcome);
        return new SubscriptionResult(verdict, detail);
    }

    // From the system's generator: who can guess another agent's session could answer its requests. 0 means "none" elsewhere.
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
}
