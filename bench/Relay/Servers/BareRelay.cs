using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Google.Protobuf;
using Switchboard.V1;

namespace Switchboard.Bench.Servers;

/// <summary>
/// Two dictionaries and the wire contract. An answer's messages are written to the caller's response by the agent's answer call
/// itself, while the caller's call only waits for the end: one writer, no queue between.
/// </summary>
internal sealed class BareRelay
{
    private static readonly AgentResponse _nothing = new();

    private readonly ConcurrentDictionary<string, Agent> _agents = new();
    private readonly ConcurrentDictionary<string, Pending> _pending = new();
    private long _lastId;

    public Task HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/switchboard.v1.AgentGateway/AgentRequestPublish" => PublishAsync(context),
        "/switchboard.v1.AgentGateway/AgentResponsePublish" => AnswerAsync(context),
        "/switchboard.v1.AgentGateway/AgentRequestSubscribe" => SubscribeAsync(context),
        var path => RestAsync(context, path!),
    };

    private async Task SubscribeAsync(HttpContext context)
    {
        var info = await GrpcWire.ReadAsync(context.Request.BodyReader, SubscriberInfo.Parser) ?? throw new InvalidDataException();
        var queue = Channel.CreateUnbounded<AgentRequest>(new UnboundedChannelOptions { SingleReader = true });
        var agent = new Agent((ulong)Interlocked.Increment(ref _lastId), queue.Writer);
        queue.Writer.TryWrite(new AgentRequest { Control = new Control { Welcome = new Welcome { SessionId = agent.Session } } });
        _agents[info.AgentId] = agent;
        context.Response.ContentType = GrpcWire.ContentType;
        var output = context.Response.BodyWriter;
        try
        {
            while (await queue.Reader.WaitToReadAsync(context.RequestAborted))
            {
                while (queue.Reader.TryRead(out var request))
                {
                    GrpcWire.Write(output, request);
                }

                await output.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            _agents.TryRemove(new KeyValuePair<string, Agent>(info.AgentId, agent));
        }
    }

    private async Task PublishAsync(HttpContext context)
    {
        var request = await GrpcWire.ReadAsync(context.Request.BodyReader, AgentRequest.Parser) ?? throw new InvalidDataException();
        context.Response.ContentType = GrpcWire.ContentType;
        if (!_agents.TryGetValue(request.AgentId, out var agent))
        {
            context.Response.AppendTrailer("grpc-status", "5");
            return;
        }

        var pending = Register(context, request, rest: false);
        context.Response.Headers["request-id"] = request.Id;
        await context.Response.BodyWriter.FlushAsync();
        await SendAsync(agent, request, pending);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private async Task RestAsync(HttpContext context, string path)
    {
        var parts = path.Split('/');
        if (parts.Length != 5 || !_agents.TryGetValue(parts[3], out var agent))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var body = new byte[(int)context.Request.ContentLength!.Value];
        await context.Request.Body.ReadExactlyAsync(body);
        var request = new AgentRequest
        {
            AgentId = parts[3],
            Method = context.Request.Query["method"].ToString(),
            Body = UnsafeByteOperations.UnsafeWrap(body),
        };
        var pending = Register(context, request, rest: true);
        context.Response.Headers["request-id"] = request.Id;
        await SendAsync(agent, request, pending);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = GrpcWire.ContentType;
        if (!_pending.TryRemove(context.Request.Headers["request-id"].ToString(), out var pending))
        {
            context.Response.AppendTrailer("grpc-status", "5");
            return;
        }

        var first = true;
        while (await GrpcWire.ReadAsync(context.Request.BodyReader, AgentResponse.Parser) is { } message)
        {
            await pending.WriteAsync(message, first);
            first = false;
        }

        if (first && pending.Rest)
        {
            await pending.WriteAsync(_nothing, first: true);
        }

        pending.Done.SetResult();
        GrpcWire.Write(context.Response.BodyWriter, new Empty());
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private Pending Register(HttpContext context, AgentRequest request, bool rest)
    {
        request.Id = Interlocked.Increment(ref _lastId).ToString("x16", CultureInfo.InvariantCulture);
        var pending = new Pending(context.Response, rest);
        _pending[request.Id] = pending;
        return pending;
    }

    private static Task SendAsync(Agent agent, AgentRequest request, Pending pending)
    {
        request.SessionId = agent.Session;
        agent.Queue.TryWrite(request);
        return pending.Done.Task;
    }

    private sealed record Agent(ulong Session, ChannelWriter<AgentRequest> Queue);

    private sealed class Pending(HttpResponse caller, bool rest)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Rest => rest;

        public async ValueTask WriteAsync(AgentResponse message, bool first)
        {
            if (!rest)
            {
                GrpcWire.Write(caller.BodyWriter, message);
                await caller.BodyWriter.FlushAsync();
                return;
            }

            if (first && message.Status != 0)
            {
                caller.StatusCode = (int)message.Status;
            }

            await caller.BodyWriter.WriteAsync(message.Body.Memory);
        }
    }
}
