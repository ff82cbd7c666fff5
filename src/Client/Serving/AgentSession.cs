using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Switchboard.Client.Wire;
using Switchboard.V1;

namespace Switchboard.Client.Serving;

/// <summary>
/// One subscription, from the dial to the end of its last handler. Each has a connection of its own: a new one must be able to reach
/// another front door than the one that drains, and must not be sent into a connection that has died.
/// </summary>
// _abandon is not disposed: the agent may cancel it while the session ends, and it has no timer or link that needs it. Nor is _ended.
#pragma warning disable CA1001
internal sealed partial class AgentSession
#pragma warning restore CA1001
{
    // A session that held this long counts as success, so that a gateway which welcomes and drops is still backed off from.
    private static readonly TimeSpan _heldAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _welcomeWithin = TimeSpan.FromSeconds(15);

    // The gateway ends the stream within 5 s of a go_away; a draining one when its drain ends, and no request lasts over 10 min.
    private static readonly TimeSpan _endsAfterGoAway = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _endsAfterDraining = TimeSpan.FromMinutes(10);

    private const int RetryAfterMaxSeconds = 60;

    private readonly SwitchboardAgentOptions _options;
    private readonly SwitchboardHandler _handler;
    private readonly RunningRequests _running;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abandon = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<SessionEnd> _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started;
    private ulong _id;
    private bool _welcomed;
    private SessionEnd? _toldToGo;

    public AgentSession(SwitchboardAgentOptions options, SwitchboardHandler handler, RunningRequests running, ILogger logger)
    {
        _options = options;
        _handler = handler;
        _running = running;
        _logger = logger;
        _started = options.TimeProvider.GetTimestamp();
    }

    /// <summary>Completes when the agent should turn to its next session; never faults.</summary>
    public Task<SessionEnd> Leaving => _leaving.Task;

    /// <summary>Ends a session that lingers.</summary>
    public void Abandon() => _abandon.Cancel();

    /// <summary>Runs it to its end, that of its handlers included. Never throws.</summary>
    /// <param name="stop">Ends the subscription and cancels the handlers.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var channel = GatewayChannel.Open(_options.Address, _options.LoggerFactory);
        SessionEnd end;
        using (var silence = new SilenceTimer(_options.TimeProvider, _welcomeWithin))
        using (var reading = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Dead, _abandon.Token))
        {
            end = await ReadToEndAsync(channel, silence, stop, reading.Token);
        }

        await _ended.CancelAsync();
        _running.CancelUnanswered(_id);
        LogEnded(_options.AgentId, end.Detail);
        _leaving.TrySetResult(end);
        // Answers that are under way live by their own calls, on this channel.
        await _running.WhenEndedAsync(_id);
        await _telling;
    }

    private async Task<SessionEnd> ReadToEndAsync(
        GrpcChannel channel, SilenceTimer silence, CancellationToken stop, CancellationToken reading)
    {
        try
        {
            var client = new AgentGateway.AgentGatewayClient(channel);
            using var call = client.AgentRequestSubscribe(Introduce(), cancellationToken: reading);
            while (await call.ResponseStream.MoveNext(reading))
            {
                silence.Heard();
                if (Take(call.ResponseStream.Current, client, silence, stop) is { } broken)
                {
                    return broken;
                }
            }

            return _toldToGo ?? Lost("The gateway ended the subscription.", null);
        }
        catch (Exception) when (silence.Dead.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return _toldToGo ?? Lost(_welcomed ? "The gateway has fallen silent." : "The gateway did not say welcome in time.", null);
        }
        catch (RpcException error) when (_toldToGo is null && IsForGood(error.StatusCode))
        {
            var refused = SwitchboardException.From(error, null);
            return new SessionEnd(AfterGoAway.Stop, default, false, refused.Message, refused);
        }
        catch (RpcException error)
        {
            var lost = SwitchboardException.From(error, null);
            return _toldToGo ?? Lost(lost.Message, lost) with { Wait = RetryAfter(error) };
        }
#pragma warning disable CA1031 // Whatever breaks one subscription must not end the agent: the next one is dialled.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return _toldToGo ?? Lost(error.Message, error);
        }
    }

    private SubscriberInfo Introduce()
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

    /// <summary>Takes one message; returns an end where the gateway broke the contract.</summary>
    private SessionEnd? Take(AgentRequest message, AgentGateway.AgentGatewayClient client, SilenceTimer silence, CancellationToken stop)
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
            silence.Welcomed(message.Control.Welcome.HeartbeatInterval?.ToTimeSpan() ?? TimeSpan.Zero);
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
                TakeGoAway(message.Control!.GoAway, silence);
                break;
            case Control.KindOneofCase.None when message.Id.Length > 0:
                Start(message, client, stop);
                break;
            case Control.KindOneofCase.Heartbeat when message.Control!.Heartbeat.Reconcile:
                Reconcile(message.Control.Heartbeat.Live, client, stop);
                break;
            default:
                // A heartbeat, which has been heard, or something that a later gateway may say.
                break;
        }

        return null;
    }

    private void TakeGoAway(GoAway goAway, SilenceTimer silence)
    {
        var decision = GoAwayDecision.For(
            goAway.Reason, goAway.ReconnectAfter?.ToTimeSpan(), _options.RejoinWhenDisplaced ? _options.RejoinDelay : null);
        LogGoAway(_options.AgentId, goAway.Reason, decision.Next);
        silence.EndsWithin(decision.Next == AfterGoAway.Overlap ? _endsAfterDraining : _endsAfterGoAway);
        if (_toldToGo is not null)
        {
            // The first word stands: the next session is already under way for it.
            return;
        }

        var error = decision.Next != AfterGoAway.Stop ? null
            : goAway.Reason == "displaced" ? new SwitchboardDisplacedException(_options.AgentId)
            : SwitchboardException.SentAway(_options.AgentId, goAway.Reason);
        _toldToGo = new SessionEnd(decision.Next, decision.Wait, Held(), $"The gateway said go away: {goAway.Reason}.", error);
        if (decision.Next == AfterGoAway.Overlap)
        {
            _options.StatusChanged?.Invoke(new(SwitchboardAgentState.Draining) { SessionId = _id, Detail = _toldToGo.Detail });
            _leaving.TrySetResult(_toldToGo);
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

    private bool Held() => _welcomed && _options.TimeProvider.GetElapsedTime(_started) >= _heldAfter;

    private SessionEnd Lost(string detail, Exception? error) => new(AfterGoAway.Rejoin, default, Held(), detail, error);

    // Where the gateway has too much to do it says when another try is worth while. No word of it keeps an agent away for long.
    private static TimeSpan RetryAfter(RpcException error) =>
        int.TryParse(error.Trailers.GetValue(WireNames.RetryAfter), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, RetryAfterMaxSeconds))
            : TimeSpan.Zero;

    // What trying again cannot mend: a bad id, or no right to be here. UNIMPLEMENTED is not among them: a proxy says it for a moment.
    private static bool IsForGood(StatusCode status) =>
        status is StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.Unauthenticated;
}
