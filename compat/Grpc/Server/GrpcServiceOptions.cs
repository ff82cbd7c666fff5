namespace Grpc.AspNetCore.Server;

/// <summary>Options of all gRPC services of a program.</summary>
public class GrpcServiceOptions
{
    /// <summary>In bytes; null, the default, is no limit. A larger message is RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>In bytes; null is no limit, the default is 4 MiB. A larger message is RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize { get; set; } = Wire.DefaultMaxMessageSize;

    /// <summary>Whether a caller is told the text of an exception that left a handler. Default: no.</summary>
    public bool? EnableDetailedErrors { get; set; }
}

/// <summary>What <c>AddGrpc</c> gives back.</summary>
public interface IGrpcServerBuilder
{
    Microsoft.Extensions.DependencyInjection.IServiceCollection Services { get; }
}
