using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <summary>
/// Runs one subscription, from the connect to the end of its last handler. Each has a connection of its own: a new one must be able to
/// reach another front door than the one that drains, and must not use a connection that has died.
/// </summary>
// _abort is not disposed: the agent may cancel it while the session ends, and it has no timer or link that needs it. Nor is _ended.
#pragma warning disable CA1001
internal sealed partial class AgentSession
#pragma warning restore CA1001
{
    // A session that lasted this long resets the backoff; a gateway that accepts and drops at once does not.
    private static readonly TimeSpan _stableAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _welcomeTimeout = TimeSpan.FromSeconds(15);

    // The gateway ends the stream within 5 s of a go_away; a draining one when its drain ends, and no request lasts over 10 min.
    private static readonly TimeSpan _endAfterGoAway = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _endAfterDraining = TimeSpan.FromMinutes(10);

    private const int MaxRetryAfterSeconds = 60;
    private static readonly TimeSpan _spread = TimeSpan.FromSeconds(2);

    private readonly SwitchboardAgentOptions _options;
    private readonly SwitchboardHandler _handler;
    private readonly RunningRequests _running;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<SessionEnd> _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started;
    private ulong _id;
    private bool _welcomed;
    private SessionEnd? _goAway;

    public AgentSession(SwitchboardAgentOptions options, SwitchboardHandler handler, RunningRequests running, ILogger logger)
    {
        _options = options;
        _handler = handler;
        _running = running;
        _logger = logger;
        _started = options.TimeProvider.GetTimestamp();
    }

    /// <summary>Gets a task that completes when the agent opens its next session, or ends. It never faults.</summary>
    public Task<SessionEnd> Leaving => _leaving.Task;

    /// <summary>Ends the session without waiting for the gateway.</summary>
    public void Abort() => _abort.Cancel();

    /// <summary>Runs the session until it and its handlers have ended. Never throws.</summary>
    /// <param name="stop">Ends the subscription and cancels the handlers.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var channel = GatewayChannel.Open(_options.Address, _options.LoggerFactory);
        SessionEnd end;
        using (var heartbeat = new HeartbeatTimer(_options.TimeProvider, _welcomeTimeout))
        using (var reading = CancellationTokenSource.CreateLinkedTokenSource(stop, heartbeat.Expired, _abort.Token))
        {
            end = await ReadToEndAsync(channel, heartbeat, stop, reading.Token);
        }

        await _ended.CancelAsync();
        _running.CancelUnstarted(_id);
        LogEnded(_options.AgentId, end.Detail);
        _leaving.TrySetResult(end);
        // Responses that have begun go on, each on its own call of this channel.
        await _running.WhenEndedAsync(_id);
        await _reporting;
    }

    private async Task<SessionEnd> ReadToEndAsync(
        GrpcChannel channel, HeartbeatTimer heartbeat, CancellationToken stop, CancellationToken reading)
    {
        try
        {
            var client = new AgentGateway.AgentGatewayClient(channel);
            using var call = client.AgentRequestSubscribe(CreateSubscriberInfo(), cancellationToken: reading);
            while (await call.ResponseStream.MoveNext(reading))
            {
                heartbeat.MessageReceived();
                if (Handle(call.ResponseStream.Current, client, heartbeat, stop) is { } violation)
                {
                    return violation;
                }
            }

            return _goAway ?? Lost("The gateway ended the subscription.", null);
        }
        catch (Exception) when (heartbeat.Expired.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return _goAway ?? Lost(_welcomed ? "The gateway has fallen silent." : "The gateway did not say welcome in time.", null);
        }
        catch (RpcException error) when (_goAway is null && IsPermanent(error.StatusCode))
        {
            var refused = SwitchboardException.From(error, null);
            return new SessionEnd(AfterGoAway.Stop, default, false, refused.Message, refused);
        }
        catch (RpcException error)
        {
            var lost = SwitchboardException.From(error, null);
            return _goAway ?? Lost(lost.Message, lost) with { Wait = RetryAfter(error), LongestBackoff = LongestBackoff(error) };
        }
#pragma warning disable CA1031 // Whatever breaks one subscription must not end the agent: it opens the next one.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return _goAway ?? Lost(error.Message, error);
        }
    }

    private SubscriberInfo CreateSubscriberInfo()
    {
        var info = new SubscriberInfo
        {
            AgentId = _options.AgentId,
            SoftwareVersion = _options.SoftwareVersion,
            MaxInFlight = (uint)_options.MaxInFlight,
        };
        foreach (var (name, value) in _options.Labels)
        {
            info.Labels.Add(name, value);
        }

        return info;
    }

    /// <summary>Handles a message. Returns an end where the gateway has broken the wire contract.</summary>
    private SessionEnd? Handle(
        AgentRequest message, AgentGateway.AgentGatewayClient client, HeartbeatTimer heartbeat, CancellationToken stop)
    {
        var control = message.Control?.KindCase ?? Control.KindOneofCase.None;
        if (!_welcomed)
        {
            if (control != Control.KindOneofCase.Welcome)
            {
                return Lost("The gateway did not begin with a welcome; is this address a Switchboard gateway?", null);
            }

            _id = message.Control!.Welcome.SessionId;
            _welcomed = true;
            heartbeat.WelcomeReceived(message.Control.Welcome.HeartbeatInterval?.ToTimeSpan() ?? TimeSpan.Zero);
            LogWelcome(_options.AgentId);
            _options.StatusChanged?.Invoke(new(SwitchboardAgentState.Connected) { SessionId = _id });
            return null;
        }

        switch (control)
        {
            case Control.KindOneofCase.Cancel:
                _running.Cancel(_id, message.Control!.Cancel.RequestId);
                break;
            case Control.KindOneofCase.GoAway:
                HandleGoAway(message.Control!.GoAway, heartbeat);
                break;
            case Control.KindOneofCase.None when message.Id.Length > 0:
                Start(message, client, stop);
                break;
            case Control.KindOneofCase.Heartbeat when message.Control!.Heartbeat.Reconcile:
                Reconcile(message.Control.Heartbeat.Live, client, stop);
                break;
            default:
                // A heartbeat, or a message of a later version of the gateway; the heartbeat timer has recorded it.
                break;
        }

        return null;
    }

    private void HandleGoAway(GoAway goAway, HeartbeatTimer heartbeat)
    {
        var decision = GoAwayDecision.For(
            goAway.Reason, goAway.ReconnectAfter?.ToTimeSpan(), _options.RejoinWhenDisplaced ? _options.RejoinDelay : null);
        LogGoAway(_options.AgentId, goAway.Reason, decision.Next);
        heartbeat.EndWithin(decision.Next == AfterGoAway.Overlap ? _endAfterDraining : _endAfterGoAway);
        if (_goAway is not null)
        {
            // The first message counts: the agent has already acted on it.
            return;
        }

        var error = decision.Next != AfterGoAway.Stop ? null
            : goAway.Reason == "displaced" ? new SwitchboardDisplacedException(_options.AgentId)
            : SwitchboardException.SentAway(_options.AgentId, goAway.Reason);
        _goAway = new SessionEnd(decision.Next, decision.Wait, IsStable(), $"The gateway said go away: {goAway.Reason}.", error);
        if (decision.Next == AfterGoAway.Overlap)
        {
            _options.StatusChanged?.Invoke(new(SwitchboardAgentState.Draining) { SessionId = _id, Detail = _goAway.Detail });
            _leaving.TrySetResult(_goAway);
        }
    }

    private void Start(AgentRequest message, AgentGateway.AgentGatewayClient client, CancellationToken stop)
    {
        var outcome = _running.TryStart(
            (_id, message.Id), running => ServeAsync(message, client, running), running => RefuseAsync(message, client, running), stop);
        if (outcome != StartOutcome.Started)
        {
            LogNotStarted(message.Id, outcome);
        }
    }

    private bool IsStable() => _welcomed && _options.TimeProvider.GetElapsedTime(_started) >= _stableAfter;

    private SessionEnd Lost(string detail, Exception? error) => new(AfterGoAway.Rejoin, default, IsStable(), detail, error);

    // An overloaded gateway says when to try again. The delay is capped, so that no gateway keeps an agent away for long.
    private static TimeSpan RetryAfter(RpcException error) =>
        int.TryParse(error.Trailers.GetValue(WireNames.RetryAfter), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, MaxRetryAfterSeconds))
            : TimeSpan.Zero;

    // Where a node has died, the others say so until its death is known, and a backoff that has grown meanwhile would keep the agent away
    // for half a minute more. An overloaded gateway is not meant: it is served by agents that stay away.
    private static TimeSpan? LongestBackoff(RpcException error) =>
        error.Trailers.GetValue(WireNames.Reason) is "unavailable" or "draining" ? _spread : null;

    // The errors that a retry does not resolve: an invalid id, or no permission. UNIMPLEMENTED is not among them, because a proxy may
    // return it while the gateway behind it starts.
    private static bool IsPermanent(StatusCode status) =>
        status is StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.Unauthenticated;
}
