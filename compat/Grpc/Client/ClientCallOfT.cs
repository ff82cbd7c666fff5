using Grpc.Net.Client;

namespace Grpc.Client;

/// <summary>A call with its message types: what is sent, what is awaited.</summary>
internal sealed class ClientCall<TRequest, TResponse> : ClientCall
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private Task<TResponse>? _response;

    public ClientCall(GrpcChannel channel, Method<TRequest, TResponse> method, CallOptions options)
        : base(channel, options)
    {
        _method = method;
        Reader = new ClientStreamReader<TResponse>(this, method.ResponseMarshaller, channel.Options.MaxReceiveMessageSize);
    }

    public ClientStreamReader<TResponse> Reader { get; }

    /// <summary>Null where the request is one message.</summary>
    public ClientStreamWriter<TRequest>? Writer { get; private set; }

    /// <summary>Begins a call that is answered by one message. Without a request, the request is a stream.</summary>
    public Task<TResponse> StartForOne(TRequest? request)
    {
        NeedsMessage = true;
        return _response = RunForOneAsync(Content(request));
    }

    /// <summary>Begins a call that is answered by a stream. Without a request, the request is a stream too.</summary>
    public void StartForMany(TRequest? request) => _ = RunForManyAsync(Content(request));

    public override void Dispose()
    {
        base.Dispose();

        // Nobody will look at the response any more, so its error is nobody's.
        _ = _response?.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    protected override void OnFinished() => Writer?.Abort();

    private RequestContent Content(TRequest? request)
    {
        var outgoing = new OutgoingRequest(Channel.Options.MaxSendMessageSize);
        if (request is null)
        {
            Writer = new ClientStreamWriter<TRequest>(this, _method.RequestMarshaller, outgoing);
            return new RequestContent(Writer.RunAsync);
        }

        return new RequestContent(stream => outgoing.SendAsync(stream, request, _method.RequestMarshaller, Token));
    }

    private async Task RunForManyAsync(RequestContent content)
    {
        try
        {
            await SendAsync(_method, content).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever reads or writes gets it from there.
            Fail("Error starting gRPC call.", e);
        }
    }

    private async Task<TResponse> RunForOneAsync(RequestContent content)
    {
        try
        {
            await SendAsync(_method, content).ConfigureAwait(false);
            if (Final is { } early) throw Error(early);

            NeedsMessage = !await Reader.ReadAsync().ConfigureAwait(false);
            var response = Reader.Current;
            if (!NeedsMessage && await Reader.ReadAsync().ConfigureAwait(false))
                throw new InvalidDataException("Unexpected data after finished reading message.");

            var status = FinishByTrailers();
            return status.StatusCode == StatusCode.OK ? response : throw Error(status);
        }
        catch (Exception e)
        {
            throw e is RpcException rpc && Final is not null ? rpc : Fail("Error starting gRPC call.", e);
        }
    }
}
