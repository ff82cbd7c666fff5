using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.V1;

namespace Switchboard.TestSupport;

/// <summary>An agent made of nothing but the generated client, so that a test sees every message and decides every response.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncServerStreamingCall<AgentRequest> _subscription;
    private readonly Channel<AgentRequest> _requests = Channel.CreateUnbounded<AgentRequest>();
    private readonly Channel<Control> _controls = Channel.CreateUnbounded<Control>();
    private readonly Channel<IReadOnlyList<ulong>> _lists = Channel.CreateUnbounded<IReadOnlyList<ulong>>();
    private readonly TaskCompletionSource<ulong> _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestAgent(GrpcChannel channel, AsyncServerStreamingCall<AgentRequest> subscription)
    {
        _channel = channel;
        _subscription = subscription;
        Client = new AgentGateway.AgentGatewayClient(channel);
        Ended = ReadAsync();
    }

    public AgentGateway.AgentGatewayClient Client { get; }

    public ulong SessionId { get; private set; }

    /// <summary>How the subscription ended, as this side saw it.</summary>
    public Task<Status> Ended { get; }

    public static Task<TestAgent> ConnectAsync(GatewayHost host, string id, uint maxInFlight = 0, GrpcChannel? channel = null) =>
        ConnectAsync(channel ?? host.NewChannel(), id, maxInFlight);

    public static async Task<TestAgent> ConnectAsync(GrpcChannel channel, string id, uint maxInFlight = 0)
    {
        var client = new AgentGateway.AgentGatewayClient(channel);
        var agent = new TestAgent(channel, client.AgentRequestSubscribe(new SubscriberInfo { AgentId = id, MaxInFlight = maxInFlight }));
        agent.SessionId = await agent._welcome.Task.DefaultTimeout();
        return agent;
    }

    public Task<AgentRequest> NextRequestAsync() => _requests.Reader.ReadAsync().AsTask().DefaultTimeout();

    public bool TryNextRequest(out AgentRequest? request) => _requests.Reader.TryRead(out request);

    public Task<Control> NextControlAsync() => _controls.Reader.ReadAsync().AsTask().DefaultTimeout();

    /// <summary>Every control from now on, until the subscription ends.</summary>
    public IAsyncEnumerable<Control> ControlsAsync() => _controls.Reader.ReadAllAsync();

    /// <summary>The next list of what the gateway believes to be here.</summary>
    public Task<IReadOnlyList<ulong>> NextListAsync() => _lists.Reader.ReadAsync().AsTask().DefaultTimeout();

    /// <summary>Opens a response call as an SDK does.</summary>
    public AsyncClientStreamingCall<AgentResponse, Empty> OpenResponse(string requestId, ulong? session = null) =>
        Client.AgentResponsePublish(new Metadata
        {
            { "request-id", requestId },
            { "session-id", (session ?? SessionId).ToString(System.Globalization.CultureInfo.InvariantCulture) },
        });

    /// <summary>Responds to a request, and returns how the call ended.</summary>
    public async Task<StatusCode> RespondAsync(string requestId, params AgentResponse[] messages)
    {
        using var call = OpenResponse(requestId);
        try
        {
            foreach (var message in messages)
            {
                await call.RequestStream.WriteAsync(message);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The gateway may have ended the call before it read all of it; how, the response says.
        }

        try
        {
            await call.ResponseAsync.DefaultTimeout();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    /// <summary>Responds to every request until the subscription ends.</summary>
    public async Task ServeAsync(Func<AgentRequest, Task> serve)
    {
        await foreach (var request in _requests.Reader.ReadAllAsync())
        {
            _ = serve(request);
        }
    }

    /// <summary>Responds to every request with its own body.</summary>
    public Task EchoAsync() => ServeAsync(r => RespondAsync(r.Id, new AgentResponse { Status = 200, Body = r.Body }));

    /// <summary>Ends the subscription, and nothing else, as a process does that dies after its socket was closed.</summary>
    public void Unsubscribe() => _subscription.Dispose();

    /// <summary>Its connection is gone, with all that was open on it.</summary>
    public void Kill() => _channel.Dispose();

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await Ended.DefaultTimeout();
    }

    private async Task<Status> ReadAsync()
    {
        try
        {
            await foreach (var message in _subscription.ResponseStream.ReadAllAsync())
            {
                if (message.Control is not { } control)
                {
                    _requests.Writer.TryWrite(message);
                }
                else if (control.KindCase == Control.KindOneofCase.Welcome)
                {
                    _welcome.TrySetResult(control.Welcome.SessionId);
                }
                else if (control.KindCase != Control.KindOneofCase.Heartbeat)
                {
                    _controls.Writer.TryWrite(control);
                }
                else if (control.Heartbeat.Reconcile)
                {
                    _lists.Writer.TryWrite([.. control.Heartbeat.Live]);
                }
            }

            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            _welcome.TrySetException(e);
            return e.Status;
        }
        catch (ObjectDisposedException)
        {
            return Status.DefaultCancelled;
        }
        finally
        {
            _requests.Writer.TryComplete();
            _controls.Writer.TryComplete();
            _lists.Writer.TryComplete();
        }
    }
}
