using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Grpc.Core;
using Switchboard.Api.Grpc;
using Switchboard.Core.Agents;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Peers;

/// <summary>What another front door says of a request that it hands over.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Session">The session that it is for.</param>
/// <param name="TimeLeft">What is left until its deadline.</param>
internal sealed record PeerCall(RequestId Id, AgentKey Agent, SessionId Session, TimeSpan TimeLeft)
{
    /// <summary>Reads it from the call's metadata.</summary>
    public static bool TryRead(
        AgentRequest message, ServerCallContext context, [NotNullWhen(true)] out PeerCall? call, [NotNullWhen(false)] out string? problem)
    {
        call = null;
        if (!RequestId.TryParse(CallMetadata.Read(context, PeerMetadata.RequestId) ?? "", out var id))
        {
            problem = $"{PeerMetadata.RequestId} must be 16 hex digits";
            return false;
        }

        if (!AgentKey.TryCreate(CallMetadata.Read(context, PeerMetadata.Tenant), message.AgentId, out var agent, out problem))
        {
            return false;
        }

        var none = CultureInfo.InvariantCulture;
        if (!ulong.TryParse(CallMetadata.Read(context, CallMetadata.SessionId), NumberStyles.None, none, out var session))
        {
            problem = $"{CallMetadata.SessionId} must be a number";
            return false;
        }

        if (!int.TryParse(CallMetadata.Read(context, PeerMetadata.TimeLeft), NumberStyles.None, none, out var milliseconds))
        {
            problem = $"{PeerMetadata.TimeLeft} must be a number of milliseconds";
            return false;
        }

        call = new PeerCall(id, agent, new(session), TimeSpan.FromMilliseconds(milliseconds));
        return true;
    }
}
