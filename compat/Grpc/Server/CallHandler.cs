using Grpc.Core;
using Grpc.Framing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Grpc.Server;

/// <summary>Serves the calls of one method: checks the request, runs the handler, ends the response with a status.</summary>
internal abstract class CallHandler<TService, TRequest, TResponse>(Method<TRequest, TResponse> method, CallEnvironment<TService> environment)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    public Method<TRequest, TResponse> Method { get; } = method;

    public Task HandleAsync(HttpContext http)
    {
        if (!Wire.IsGrpc(http.Request.ContentType))
        {
            return Refuse(http, StatusCodes.Status415UnsupportedMediaType, http.Request.ContentType is { } type
                ? $"Content-Type '{type}' is not supported."
                : "Content-Type is missing from the request.");
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            http.Response.Headers.Upgrade = HttpProtocol.Http2;
            return Refuse(
                http, StatusCodes.Status426UpgradeRequired, $"Request protocol '{http.Request.Protocol}' is not supported.");
        }

        return RunAsync(http);
    }

    /// <summary>Reads what the caller sends, runs the application's method, writes what it gives.</summary>
    protected abstract Task HandleAsync(ServerCall call);

    protected ServiceLease<TService> Lease(ServerCall call) => environment.Lease(call.Http);

    protected ValueTask<TRequest> ReadRequestAsync(ServerCall call) =>
        ServerStreamReader<TRequest>.ReadSingleAsync(call, Method.RequestMarshaller.ContextualDeserializer);

    protected ServerStreamReader<TRequest> Reader(ServerCall call) => new(call, Method.RequestMarshaller.ContextualDeserializer);

    protected ServerStreamWriter<TResponse> Writer(ServerCall call) => new(call, Method.ResponseMarshaller.ContextualSerializer);

    protected async Task WriteResponseAsync(ServerCall call, TResponse? response)
    {
        if (response is null)
            throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        if (call.IsDeadlinePassing)
            return;

        // Not flushed: message and trailers leave together when the request ends.
        if (!call.Http.Response.HasStarted)
            await call.Http.Response.StartAsync();
        call.Outgoing.Write(response, Method.ResponseMarshaller.ContextualSerializer);
    }

    private static Task Refuse(HttpContext http, int httpStatus, string detail)
    {
        http.Response.StatusCode = httpStatus;
        Trailers.WriteStatus(http.Response, new Status(StatusCode.Internal, detail));
        return Task.CompletedTask;
    }

    private async Task RunAsync(HttpContext http)
    {
        http.Response.ContentType = Wire.ContentType;
        LiftLimits(http);
        var call = new ServerCall(http, environment.Options, environment.Logger);
        try
        {
            await HandleAsync(call);
            await call.EndAsync();
        }
        catch (Exception e)
        {
            await call.FailAsync(e, Method.Name);
        }
    }

    /// <summary>A stream lasts as long as it lasts and may be silent for as long as it likes: Kestrel's limits are for pages.</summary>
    private void LiftLimits(HttpContext http)
    {
        if (Method.Type is MethodType.Unary)
            return;

        var endpoint = http.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<RequestTimeoutAttribute>() is null && endpoint?.Metadata.GetMetadata<RequestTimeoutPolicy>() is null)
            http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (Method.Type is MethodType.ServerStreaming)
            return;

        if (http.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;

        // Read-only: a middleware has begun to read the body, and the limit stays.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
    }
}
