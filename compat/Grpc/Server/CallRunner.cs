using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.Server;

/// <summary>Serves the calls of one service: checks the request, runs the method on an object, ends the response with a status.</summary>
internal sealed class CallRunner<TService>(IOptions<GrpcServiceOptions> options, ILoggerFactory loggers)
    where TService : class
{
    private readonly ILogger _logger = loggers.CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");
    private readonly Lazy<ObjectFactory<TService>> _factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    public Task HandleAsync(HttpContext http, IMethod method, Func<TService, ServerCall, Task> body)
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
            return Refuse(http, StatusCodes.Status426UpgradeRequired, $"Request protocol '{http.Request.Protocol}' is not supported.");
        }

        LiftLimits(http, method.Type);
        return RunAsync(new ServerCall(http, options.Value, _logger), method, body);
    }

    private static Task Refuse(HttpContext http, int httpStatus, string detail)
    {
        http.Response.StatusCode = httpStatus;
        Trailers.Write(http.Response, null, new Status(StatusCode.Internal, detail));
        return Task.CompletedTask;
    }

    /// <summary>A stream lasts as long as it lasts and may be silent for as long as it likes: Kestrel's limits are for pages.</summary>
    private static void LiftLimits(HttpContext http, MethodType type)
    {
        if (type is MethodType.Unary) return;
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<RequestTimeoutAttribute>() is null && metadata?.GetMetadata<RequestTimeoutPolicy>() is null)
            http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (type is MethodType.ServerStreaming) return;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;

        // Read-only: a middleware has begun to read the body, and the limit stays.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
    }

    private async Task RunAsync(ServerCall call, IMethod method, Func<TService, ServerCall, Task> body)
    {
        call.Http.Response.ContentType = Wire.ContentType;
        try
        {
            try
            {
                var services = call.Http.RequestServices;
                if (services.GetService<TService>() is { } service)
                    await body(service, call);
                else
                    await RunOnOwnAsync(_factory.Value(services, []), call, body);
            }
            finally
            {
                call.IsComplete = true;
            }

            await call.EndAsync();
        }
        catch (Exception e)
        {
            await call.FailAsync(e, method.Name);
        }
    }

    /// <summary>The object was made for this call, so it ends with it.</summary>
    private static async Task RunOnOwnAsync(TService service, ServerCall call, Func<TService, ServerCall, Task> body)
    {
        try
        {
            await body(service, call);
        }
        finally
        {
            if (service is IAsyncDisposable both) await both.DisposeAsync();
            else if (service is IDisposable only) only.Dispose();
        }
    }
}
