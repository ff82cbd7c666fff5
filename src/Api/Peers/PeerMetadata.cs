namespace Switchboard.Api.Peers;

/// <summary>What one front door says to another in metadata, beside what agents and callers say.</summary>
internal static class PeerMetadata
{
    /// <summary>
    /// The version of this protocol, the highest that this program speaks. Front doors speak the highest that both do, and hand each other
    /// nothing where there is none.
    /// </summary>
    public const int Version = 1;

    /// <summary>The lowest version that this program speaks: that of the release before, so that one can be replaced by the other.</summary>
    public const int Least = 1;

    /// <summary>The request's id, which stays the first front door's: 16 hex digits.</summary>
    public const string RequestId = "switchboard-request-id";

    /// <summary>
    /// What is left until the request's deadline, in milliseconds. Not <c>grpc-timeout</c>, at whose end gRPC for .NET cuts the call
    /// without the trailers that say what became of it.
    /// </summary>
    public const string TimeLeft = "switchboard-time-left";

    /// <summary>The agent's tenant.</summary>
    public const string Tenant = "switchboard-tenant";

    /// <summary>Trailer: the front door holds no such session, and sent nothing.</summary>
    public const string NoSuchSession = "switchboard-no-such-session";
}
