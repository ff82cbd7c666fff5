using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Switchboard.Api.FrontDoors;
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
    SessionRegistry registry, SessionCalls calls, IFrontDoor frontDoor, SwitchboardMeter meter, ILogger<Subscriptions> logger)
{
    /// <summary>Runs one subscription until it is over, and its stream with it.</summary>
    /// <param name="subscriber">Who.</param>
    /// <param name="stream">Its stream; not used any more when the task has ended.</param>
    /// <param name="agentGone">Fires when the agent's call is over.</param>
    public async Task<SubscriptionResult> RunAsync(Subscriber subscriber, ISessionStream stream, CancellationToken agentGone)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
            return Refuse("draining", Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");

        // 1. Known here, with `welcome` first in its queue, before the grain can send anybody to it: Orleans gives no order between
        //    the answer to Connect and a request that comes at the same time.
        var session = new AgentSession(registry, DrawId(), subscriber, stream);
        if (!registry.TryAdd(session))
            return Refuse("overloaded", Verdict.Overloaded, $"this front door has {registry.Options.MaxSessions} sessions, as many as it takes");

        // The process may have begun to stop between the look above and the registration, and then nobody would end this session.
        if (frontDoor.Stopping)
            session.End(SessionEndCause.Draining);
        using Activity? span = Spans.Subscribe(session.Agent, session.Id);
        using var gone = agentGone.UnsafeRegister(static s => ((AgentSession)s!).End(SessionEndCause.AgentGone), session);
        bool connected = false;
        try
        {
            // 2. The agent's grain makes it the current one; the older ones of this front door end at once.
            connected = await ConnectAsync(session, agentGone);
            if (!connected)
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
            Log.SessionEnded(logger, session.Agent, session.Id, session.Ended!.Value);
        }
        return connected || agentGone.IsCancellationRequested
            ? default
            : new SubscriptionResult(Verdict.Internal, "the agent's session could not be registered");
    }

    private async Task<bool> ConnectAsync(AgentSession session, CancellationToken agentGone)
    {
        try
        {
            IReadOnlyList<ulong> displaced = await calls.ConnectAsync(session, agentGone);
            foreach (ulong older in displaced)
            {
                if (registry.Find(older)?.End(SessionEndCause.Displaced) == true)
                    meter.Displaced();
            }
            meter.SessionOpened();
            Log.SessionOpened(logger, session.Agent, session.Id, session.ConnectNumber);
            await calls.ReportOnlineAsync(session, agentGone);
            return true;
        }
        catch (OperationCanceledException) when (agentGone.IsCancellationRequested)
        {
            meter.Connect("agent-gone");
            return false;
        }
        catch (Exception e)
        {
            meter.Connect("failed");
            Log.ConnectFailed(logger, session.Agent, session.Id, e);
            return false;
        }
    }

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
