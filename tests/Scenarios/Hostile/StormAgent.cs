using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Hostile;

/// <summary>An agent made of the generated client, that does what no SDK would.</summary>
internal sealed class StormAgent : IDisposable
{
    private readonly AsyncServerStreamingCall<AgentRequest> _subscription;
    private readonly AgentGateway.AgentGatewayClient _client;
    private ulong _session;

    private StormAgent(AgentGateway.AgentGatewayClient client, SubscriberInfo who)
    {
        _client = client;
        _subscription = client.AgentRequestSubscribe(who);
    }

    public static Task<StormAgent> ConnectAsync(GrpcChannel channel, string id) => ConnectAsync(channel, new SubscriberInfo { AgentId = id });

    /// <summary>Connects, and has its session.</summary>
    public static async Task<StormAgent> ConnectAsync(GrpcChannel channel, SubscriberInfo who)
    {
        var agent = new StormAgent(new AgentGateway.AgentGatewayClient(channel), who);
        try
        {
            var welcome = await agent.NextAsync(static m => m.Control?.Welcome is not null);
            agent._session = welcome.Control.Welcome.SessionId;
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    public Task<AgentRequest> NextRequestAsync() => NextAsync(static m => m.Id.Length > 0);

    public AsyncClientStreamingCall<AgentResponse, Empty> OpenResponse(string request) => _client.AgentResponsePublish(new Metadata
    {
        { "request-id", request }, { "session-id", _session.ToString(CultureInfo.InvariantCulture) },
    });

    /// <summary>Ends its subscription by a reset.</summary>
    public void Dispose() => _subscription.Dispose();

    private async Task<AgentRequest> NextAsync(Func<AgentRequest, bool> wanted)
    {
        while (await _subscription.ResponseStream.MoveNext().DefaultTimeout())
        {
            if (wanted(_subscription.ResponseStream.Current))
            {
                return _subscription.ResponseStream.Current;
            }
        }

        throw new EndOfStreamException("The subscription has ended.");
    }
}
