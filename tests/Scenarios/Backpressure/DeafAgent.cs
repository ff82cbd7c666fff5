using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>An agent that reads its welcome and then nothing more, over a connection that is well.</summary>
internal sealed class DeafAgent : IDisposable
{
    private readonly AsyncServerStreamingCall<AgentRequest> _subscription;

    private DeafAgent(AsyncServerStreamingCall<AgentRequest> subscription) => _subscription = subscription;

    public static async Task<DeafAgent> ConnectAsync(GatewayHost host, string id, uint maxInFlight)
    {
        var agent = new DeafAgent(host.NewClient().AgentRequestSubscribe(new SubscriberInfo { AgentId = id, MaxInFlight = maxInFlight }));
        Assert.True(await agent._subscription.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.NotNull(agent._subscription.ResponseStream.Current.Control.Welcome);
        return agent;
    }

    /// <summary>Reads on: the requests that come, until the gateway ends the subscription, and how it did.</summary>
    public async Task<(IReadOnlyList<string> Requests, string? GoAway, StatusCode Status)> ReadOnAsync()
    {
        List<string> requests = [];
        string? goAway = null;
        try
        {
            while (await _subscription.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
            {
                var message = _subscription.ResponseStream.Current;
                if (message.Control is null)
                {
                    requests.Add(message.Id);
                }

                goAway = message.Control?.GoAway?.Reason ?? goAway;
            }

            return (requests, goAway, StatusCode.OK);
        }
        catch (RpcException e)
        {
            return (requests, goAway, e.StatusCode);
        }
    }

    public void Dispose() => _subscription.Dispose();
}
