namespace Switchboard.Bench.Servers;

/// <summary>The servers that a child process can be.</summary>
internal static class ServerKinds
{
    public const string Gateway = "gateway";
    public const string BareRelay = "bare-relay";
    public const string GrpcRelay = "grpc-relay";
    public const string BareEcho = "bare-echo";
}
