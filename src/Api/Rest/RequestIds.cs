using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Rest;

/// <summary>
/// Provides ids for responses to requests that were rejected before they got one: every response carries <c>Request-Id</c>.
/// </summary>
internal sealed class RequestIds(IFrontDoor frontDoor)
{
    /// <summary>Returns a new id; null while the front door has no number to make ids under.</summary>
    public RequestId? Next() => frontDoor.Ready ? frontDoor.Ids.Next() : null;

    /// <summary>Returns the id, or a new one if it is 0.</summary>
    public RequestId? OrNext(RequestId id) => id.Value != 0 ? id : Next();
}
