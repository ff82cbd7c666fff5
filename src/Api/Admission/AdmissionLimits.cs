using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Switchboard.Api.Requests;
using Switchboard.Api.Telemetry;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Admission;

/// <summary>
/// The limits of callers, of the process, and of rates; what one agent takes at once its session knows. A limit that is off is a field
/// that is null, and costs a look at it.
/// </summary>
internal sealed class AdmissionLimits
{
    private readonly AdmissionOptions _options;
    private readonly GatewayClock _clock;
    private readonly RateGate? _requests;
    private readonly KeyedRates<AgentKey>? _agentRequests;
    private readonly KeyedRates<ulong>? _callerRequests;
    private readonly KeyedCounts<ulong>? _callerInFlight;
    private readonly RateGate? _connects;
    private readonly KeyedRates<AgentKey>? _agentConnects;

    public AdmissionLimits(GatewayClock clock, Refusals refusals, SwitchboardMeter meter, IOptions<AdmissionOptions> options)
    {
        _options = options.Value;
        _clock = clock;
        Refusals = refusals;
        Bytes = new ByteBudget(_options.MaxBytesHeld);
        _requests = Gate(_options.MaxRequestsPerSecond);
        _agentRequests = Rates<AgentKey>(_options.MaxRequestsPerSecondPerAgent);
        _callerRequests = Rates<ulong>(_options.MaxRequestsPerSecondPerCaller);
        _callerInFlight = _options.MaxInFlightPerCaller > 0 ? new(_options.MaxInFlightPerCaller) : null;
        _connects = Gate(_options.MaxConnectsPerSecond);
        _agentConnects = Rates<AgentKey>(_options.MaxConnectsPerSecondPerAgent);
        meter.ObserveBytesHeld(() => Bytes.Told);
        meter.ObserveRequestBytesHeld(() => Bytes.Asked);
    }

    public Refusals Refusals { get; }

    /// <summary>Bytes that are held here: requests ask, answers tell.</summary>
    public ByteBudget Bytes { get; }

    /// <summary>Callers with requests in flight, where those are counted.</summary>
    public int Callers => _callerInFlight?.Count ?? 0;

    /// <summary>Who a caller is, or 0 where no limit asks.</summary>
    public ulong CallerOf(HttpContext context) =>
        _callerRequests is null && _callerInFlight is null ? 0 : CallerAddress.KeyOf(context.Connection.RemoteIpAddress);

    /// <summary>May another request come? The narrowest limit first, so that who is refused by it takes nothing from the others.</summary>
    public bool TryRequest(ulong caller, AgentKey agent, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_callerRequests is not null && caller != 0 && !_callerRequests.TryTake(caller, _clock.Now))
            refused = Refusals.Count(AdmissionLimit.CallerRequestRate, _options.MaxRequestsPerSecondPerCaller);
        else if (_agentRequests is not null && !_agentRequests.TryTake(agent, _clock.Now))
            refused = Refusals.Count(AdmissionLimit.AgentRequestRate, _options.MaxRequestsPerSecondPerAgent);
        else if (_requests is not null && !_requests.TryTake(_clock.Now))
            refused = Refusals.Count(AdmissionLimit.ProcessRequestRate, _options.MaxRequestsPerSecond);
        return refused is null;
    }

    /// <summary>Counts a request in, and its bytes: to be given back by <see cref="Exit"/> and <see cref="ByteBudget.Give"/>.</summary>
    public bool TryEnter(ulong caller, long bytes, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_callerInFlight is not null && caller != 0 && !_callerInFlight.TryEnter(caller))
        {
            refused = Refusals.Count(AdmissionLimit.CallerInFlight, _options.MaxInFlightPerCaller);
        }
        else if (!Bytes.TryTake(bytes))
        {
            Exit(caller);
            refused = BytesFull();
        }
        return refused is null;
    }

    /// <summary>A request that was counted in is over.</summary>
    public void Exit(ulong caller)
    {
        if (caller != 0)
            _callerInFlight?.Exit(caller);
    }

    /// <summary>There is no room for more bytes.</summary>
    public string BytesFull() => Refusals.Count(AdmissionLimit.ProcessBytes, _options.MaxBytesHeld);

    /// <summary>May an agent connect?</summary>
    public bool TryConnect(AgentKey agent, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_agentConnects is not null && !_agentConnects.TryTake(agent, _clock.Now))
            refused = Refusals.Count(AdmissionLimit.AgentConnectRate, _options.MaxConnectsPerSecondPerAgent);
        else if (_connects is not null && !_connects.TryTake(_clock.Now))
            refused = Refusals.Count(AdmissionLimit.ProcessConnectRate, _options.MaxConnectsPerSecond);
        return refused is null;
    }

    private RateGate? Gate(int perSecond) => perSecond > 0 ? new RateGate(new Rate(perSecond, _options.RateBurst)) : null;

    private KeyedRates<TKey>? Rates<TKey>(int perSecond)
        where TKey : notnull =>
        perSecond > 0 ? new KeyedRates<TKey>(new Rate(perSecond, _options.RateBurst), _options.RatesTracked) : null;
}
