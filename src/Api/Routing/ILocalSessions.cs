using Switchboard.Core.Requests;

namespace Switchboard.Api.Routing;

/// <summary>Finds the sessions that this front door holds.</summary>
/// <typeparam name="TSession">The type of a session.</typeparam>
internal interface ILocalSessions<TSession>
    where TSession : class, IRouteTarget
{
    /// <summary>Returns the session; null if it is not here, or has ended.</summary>
    TSession? Find(ulong session);
}
