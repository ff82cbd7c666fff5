using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Hostile;

/// <summary>One agent and one caller that have nothing to do with a storm, on connections of their own.</summary>
internal sealed class Bystander : IAsyncDisposable
{
    private const string Id = "bystander";
    private static readonly ByteString _body = ByteString.CopyFromUtf8("hello");

    private readonly CancellationTokenSource _stop = new();
    private readonly GrpcChannel _channel;
    private readonly AgentGateway.AgentGatewayClient _client;
    private readonly Task _agent;
    private string _problem = "";

    private Bystander(Uri grpc)
    {
        _channel = GrpcChannel.ForAddress(grpc);
        _client = new AgentGateway.AgentGatewayClient(_channel);
        var agent = new SwitchboardAgent(
            new SwitchboardAgentOptions { Address = grpc, AgentId = Id },
            static async (request, response, cancellationToken) => await response.WriteAsync(request.Body, cancellationToken));
        _agent = agent.RunAsync(_stop.Token);
    }

    public static async Task<Bystander> StartAsync(Uri grpc)
    {
        var bystander = new Bystander(grpc);
        await Eventually.IsTrueAsync(bystander.IsServedAsync, () => "its agent is not there");
        return bystander;
    }

    public async Task AskAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(await IsServedAsync(), $"it is not served: {_problem}");
        }
    }

    /// <summary>Asks again and again while something else goes on: it is served each time.</summary>
    public async Task WhileAsync(Task storm)
    {
        var asked = 0;
        while (!storm.IsCompleted)
        {
            await AskAsync(1);
            asked++;
        }

        await storm;
        Assert.True(asked > 0);
        await AskAsync(10);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _agent.DefaultTimeout();
        }
        catch (OperationCanceledException)
        {
            // As it was asked to.
        }

        _channel.Dispose();
        _stop.Dispose();
    }

    private async Task<bool> IsServedAsync()
    {
        using var call = _client.AgentRequestPublish(
            new AgentRequest { AgentId = Id, Method = "echo", Body = _body }, deadline: (TimeProvider.System.GetUtcNow() + TestTimeouts.Default).UtcDateTime);
        try
        {
            return await call.ResponseStream.MoveNext() && call.ResponseStream.Current.Body == _body && !await call.ResponseStream.MoveNext();
        }
        catch (RpcException e)
        {
            _problem = $"{e.StatusCode} {e.Status.Detail}";
            return false;
        }
    }
}
