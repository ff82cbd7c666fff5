using System.Security.Cryptography;
using Grpc.Core;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Grpc;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.Peers;

/// <summary>
/// Serves the port for other front doors, apart from all others: who comes there is known by the certificate that the registry has of a
/// front door, and gets the service for front doors and nothing else.
/// </summary>
internal sealed partial class PeerPort(PeerEndpoint endpoint, PeerDirectory directory, PeerCalls calls, ILogger<PeerPort> logger)
{
    private RequestDelegate? _pipeline;

    /// <summary>Takes what comes to the port out of the program's pipeline. Before everything else in it.</summary>
    public void Use(WebApplication app)
    {
        if (endpoint.IsOpen)
        {
            app.Use(next => context => endpoint.IsOf(context.Connection) ? ServeAsync(context, _pipeline!) : next(context));
        }
    }

    /// <summary>
    /// Maps the service for front doors. After the public one: gRPC answers unknown methods of a service (UNIMPLEMENTED) only where that was
    /// mapped first.
    /// </summary>
    public void Map(WebApplication app)
    {
        if (!endpoint.IsOpen)
        {
            return;
        }

        var own = new ApplicationBuilder(app.Services);
        own.UseRouting();
        own.UseEndpoints(static routes => routes.MapGrpcService<PeerService>());
        _pipeline = own.Build();
    }

    private async Task ServeAsync(HttpContext context, RequestDelegate pipeline)
    {
        try
        {
            if (context.Connection.ClientCertificate is { } certificate
                && await directory.FindAsync(certificate.GetCertHashString(HashAlgorithmName.SHA256)) is { } peer)
            {
                await ServeAsync(context, pipeline, peer.Number);
                return;
            }

            Log.Refused(logger, context.Connection.RemoteIpAddress?.ToString() ?? "");
            await new GrpcError(StatusCode.Unauthenticated, "No front door of this cluster has that certificate").WriteAsync(context);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            await GrpcError.Of(Core.Requests.Verdict.Unavailable, "the registry of front doors did not answer", sent: false).WriteAsync(context);
        }
    }

    // When its front door is gone the call is cut. That is heard as the caller's going, and so by the agent.
    private async Task ServeAsync(HttpContext context, RequestDelegate pipeline, ushort frontDoor)
    {
        var call = new Incoming(context);
        calls.Add(frontDoor, call);
        try
        {
            if (directory.IsGone(frontDoor))
            {
                call.FrontDoorGone();
            }
            else
            {
                await pipeline(context);
            }
        }
        finally
        {
            calls.Remove(frontDoor, call);
            call.Over();
        }
    }

    private sealed class Incoming(HttpContext context) : IPeerCall
    {
        private readonly CallAbort _abort = new(context);

        public void FrontDoorGone() => _abort.Abort();

        public void Over() => _abort.Over();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PeerRefused, LogLevel.Warning, "Somebody at {Address} who is no front door of this cluster came to the peer port.")]
        public static partial void Refused(ILogger logger, string address);
    }
}
