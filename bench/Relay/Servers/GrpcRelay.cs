using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Bench.Servers;

/// <summary><see cref="BareRelay"/> once more, as a gRPC service.</summary>
internal sealed class GrpcRelay : AgentGateway.AgentGatewayBase
{
    private static readonly WriteOptions _more = new(WriteFlags.BufferHint);

    private readonly ConcurrentDictionary<string, Agent> _agents = new();
    private readonly ConcurrentDictionary<string, Pending> _pending = new();
    private long _lastId;

    public override async Task AgentRequestSubscribe(
        SubscriberInfo request, IServerStreamWriter<AgentRequest> responseStream, ServerCallContext context)
    {
        var queue = Channel.CreateUnbounded<AgentRequest>(new UnboundedChannelOptions { SingleReader = true });
        var agent = new Agent((ulong)Interlocked.Increment(ref _lastId), queue.Writer);
        queue.Writer.TryWrite(new AgentRequest { Control = new Control { Welcome = new Welcome { SessionId = agent.Session } } });
        _agents[request.AgentId] = agent;
        try
        {
            while (await queue.Reader.WaitToReadAsync(context.CancellationToken))
            {
                while (queue.Reader.TryRead(out var next))
                {
                    // One flush for all that is there.
                    responseStream.WriteOptions = queue.Reader.TryPeek(out _) ? _more : null;
                    await responseStream.WriteAsync(next, CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _agents.TryRemove(new KeyValuePair<string, Agent>(request.AgentId, agent));
        }
    }

    public override async Task AgentRequestPublish(
        AgentRequest request, IServerStreamWriter<AgentResponse> responseStream, ServerCallContext context)
    {
        if (!_agents.TryGetValue(request.AgentId, out var agent))
        {
            throw new RpcException(new Status(StatusCode.NotFound, ""));
        }

        request.Id = Interlocked.Increment(ref _lastId).ToString("x16", CultureInfo.InvariantCulture);
        request.SessionId = agent.Session;
        var pending = new Pending(responseStream);
        _pending[request.Id] = pending;
        await context.WriteResponseHeadersAsync(new Metadata { { "request-id", request.Id } });
        agent.Queue.TryWrite(request);
        await pending.Done.Task;
    }

    public override async Task<Empty> AgentResponsePublish(IAsyncStreamReader<AgentResponse> requestStream, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("request-id") is not { } id || !_pending.TryRemove(id, out var pending))
        {
            throw new RpcException(new Status(StatusCode.NotFound, ""));
        }

        while (await requestStream.MoveNext(CancellationToken.None))
        {
            await pending.Caller.WriteAsync(requestStream.Current, CancellationToken.None);
        }

        pending.Done.SetResult();
        return new Empty();
    }

    private sealed record Agent(ulong Session, ChannelWriter<AgentRequest> Queue);

    private sealed record Pending(IServerStreamWriter<AgentResponse> Caller)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
