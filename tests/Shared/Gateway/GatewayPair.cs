using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Peers;
using Switchboard.TestSupport.Faults;

namespace Switchboard.TestSupport;

/// <summary>
/// A cluster of two gateways in this process. Agents connect to <see cref="Holder"/>, callers to <see cref="First"/>; between the two is
/// a proxy that a test may have misbehave.
/// </summary>
public sealed class GatewayPair : IAsyncLifetime
{
    private GatewayHost? _first;
    private GatewayHost? _holder;
    private ProxiedEndpoint? _endpoint;

    /// <summary>The front door that callers ask.</summary>
    internal GatewayHost First => _first ?? throw NotYet();

    /// <summary>The front door that agents are connected to.</summary>
    internal GatewayHost Holder => _holder ?? throw NotYet();

    /// <summary>What is between them: what the first opens to the holder goes through it.</summary>
    internal FaultyProxy Between => _endpoint?.Proxy ?? throw NotYet();

    /// <summary>Settings of both.</summary>
    internal (string Key, string Value)[] Settings { get; init; } = [];

    /// <summary>Changes the services of both.</summary>
    internal Action<IServiceCollection>? Configure { get; init; }

    public async Task InitializeAsync()
    {
        _first = await GatewayHost.StartClusteredAsync(joins: null, Configure, Settings);
        _holder = await GatewayHost.StartClusteredAsync(
            _first,
            services =>
            {
                services.AddSingleton<ProxiedEndpoint>();
                services.Replace(ServiceDescriptor.Singleton<IPeerEndpoint>(static p => p.GetRequiredService<ProxiedEndpoint>()));
                Configure?.Invoke(services);
            },
            Settings);
        _endpoint = _holder.Service<ProxiedEndpoint>();
    }

    public async Task DisposeAsync()
    {
        // The one that joined goes first: the other holds the list of silos.
        await Holder.DisposeAsync();
        await First.DisposeAsync();
    }

    /// <summary>
    /// Connects an agent to the holder, and waits until its grain knows: Orleans gives no order between the holder's call and one of the
    /// other front door.
    /// </summary>
    internal async Task<TestAgent> ConnectAgentAsync(string id, uint maxInFlight = 0)
    {
        var agent = await TestAgent.ConnectAsync(Holder, id, maxInFlight);
        await Eventually.IsTrueAsync(() => Holder.Sessions.Find(agent.SessionId) is { ConnectNumber: not 0 }, () => "not connected");
        return agent;
    }

    /// <summary>Nobody listens any more where the holder is said to be.</summary>
    internal ValueTask CloseBetweenAsync() => _endpoint!.DisposeAsync();

    /// <summary>Nothing is left of any request, at either.</summary>
    internal async Task AssertQuietAsync()
    {
        await First.AssertQuietAsync();
        await Holder.AssertQuietAsync();
    }

    private static InvalidOperationException NotYet() => new("The gateways have not started.");

    /// <summary>The holder's own port for other front doors, known to them by the proxy's address.</summary>
    internal sealed class ProxiedEndpoint(PeerEndpoint inner) : IPeerEndpoint, IAsyncDisposable
    {
        private int _closed;

        public FaultyProxy? Proxy { get; private set; }

        public string Address
        {
            get
            {
                if (inner.Address is not { Length: > 0 } address)
                {
                    return "";
                }

                Proxy ??= FaultyProxy.Start(new Uri($"https://{address}"));
                return Proxy.Address.Authority;
            }
        }

        public string Certificate => inner.Certificate;

        public int Protocol => inner.Protocol;

        public int ProtocolLeast => inner.ProtocolLeast;

        public async ValueTask DisposeAsync()
        {
            if (Proxy is { } proxy && Interlocked.Exchange(ref _closed, 1) == 0)
            {
                await proxy.DisposeAsync();
            }
        }
    }
}
