using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Switchboard.Api.Telemetry;
using Switchboard.Api.Time;
using Switchboard.Core.Admission;
using Switchboard.Core.Agents;

namespace Switchboard.Api.Admission;

/// <summary>
/// Applies the limits of callers, of the process, and of rates; the limits of one agent are those of its session. A limit that is off is a
/// null field, and costs a null check.
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

    public AdmissionLimits(GatewayClock clock, LimitRejections rejections, SwitchboardMeter meter, IOptions<AdmissionOptions> options)
    {
        _options = options.Value;
        _clock = clock;
        Rejections = rejections;
        Bytes = new ByteBudget(HeapShare.Of(_options.MaxBytesHeld, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        _requests = Gate(_options.MaxRequestsPerSecond);
        _agentRequests = Rates<AgentKey>(_options.MaxRequestsPerSecondPerAgent);
        _callerRequests = Rates<ulong>(_options.MaxRequestsPerSecondPerCaller);
        _callerInFlight = _options.MaxInFlightPerCaller > 0 ? new(_options.MaxInFlightPerCaller) : null;
        _connects = Gate(_options.MaxConnectsPerSecond);
        _agentConnects = Rates<AgentKey>(_options.MaxConnectsPerSecondPerAgent);
        meter.ObserveBytesHeld(() => Bytes.Charged);
        meter.ObserveRequestBytesHeld(() => Bytes.Acquired);
    }

    public LimitRejections Rejections { get; }

    /// <summary>The bytes that are held here: requests acquire them, responses are charged.</summary>
    public ByteBudget Bytes { get; }

    /// <summary>The number of callers with requests in flight, if those are counted.</summary>
    public int Callers => _callerInFlight?.Count ?? 0;

    /// <summary>Returns the key of a caller, or 0 if no limit needs one.</summary>
    public ulong CallerOf(HttpContext context) =>
        _callerRequests is null && _callerInFlight is null ? 0 : CallerAddress.KeyOf(context.Connection.RemoteIpAddress);

    /// <summary>
    /// Counts a request against the rates, the narrowest first, so that a request that it rejects takes no token of the others.
    /// </summary>
    public bool TryRequest(ulong caller, AgentKey agent, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_callerRequests is not null && caller != 0 && !_callerRequests.TryTake(caller, _clock.Now))
        {
            refused = Rejections.Count(AdmissionLimit.CallerRequestRate, _options.MaxRequestsPerSecondPerCaller);
        }
        else if (_agentRequests is not null && !_agentRequests.TryTake(agent, _clock.Now))
        {
            refused = Rejections.Count(AdmissionLimit.AgentRequestRate, _options.MaxRequestsPerSecondPerAgent);
        }
        else if (_requests is not null && !_requests.TryTake(_clock.Now))
        {
            refused = Rejections.Count(AdmissionLimit.ProcessRequestRate, _options.MaxRequestsPerSecond);
        }

        return refused is null;
    }

    /// <summary>Counts a request and its bytes: to be undone by <see cref="Exit"/> and <see cref="ByteBudget.Release"/>.</summary>
    public bool TryEnter(ulong caller, long bytes, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_callerInFlight is not null && caller != 0 && !_callerInFlight.TryEnter(caller))
        {
            refused = Rejections.Count(AdmissionLimit.CallerInFlight, _options.MaxInFlightPerCaller);
        }
        else if (!Bytes.TryAcquire(bytes))
        {
            Exit(caller);
            refused = BytesFull();
        }
        return refused is null;
    }

    /// <summary>Uncounts a request that has ended.</summary>
    public void Exit(ulong caller)
    {
        if (caller != 0)
        {
            _callerInFlight?.Exit(caller);
        }
    }

    /// <summary>Counts a rejection by the limit of bytes, and returns its text.</summary>
    public string BytesFull() => Rejections.Count(AdmissionLimit.ProcessBytes, Bytes.Capacity);

    /// <summary>Counts a connect against the rates.</summary>
    public bool TryConnect(AgentKey agent, [NotNullWhen(false)] out string? refused)
    {
        refused = null;
        if (_agentConnects is not null && !_agentConnects.TryTake(agent, _clock.Now))
        {
            refused = Rejections.Count(AdmissionLimit.AgentConnectRate, _options.MaxConnectsPerSecondPerAgent);
        }
        else if (_connects is not null && !_connects.TryTake(_clock.Now))
        {
            refused = Rejections.Count(AdmissionLimit.ProcessConnectRate, _options.MaxConnectsPerSecond);
        }

        return refused is null;
    }

    private RateGate? Gate(int perSecond) => perSecond > 0 ? new RateGate(new Rate(perSecond, _options.RateBurst)) : null;

    private KeyedRates<TKey>? Rates<TKey>(int perSecond)
        where TKey : notnull =>
        perSecond > 0 ? new KeyedRates<TKey>(new Rate(perSecond, _options.RateBurst), _options.RatesTracked) : null;
}
