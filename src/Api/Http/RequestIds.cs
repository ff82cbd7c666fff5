using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.Http;

/// <summary>Ids for answers whose request was refused before it got one: every answer carries <c>Request-Id</c>.</summary>
internal sealed class RequestIds(IFrontDoor frontDoor)
{
    /// <summary>A new id; null while the front door has no number to make ids under.</summary>
    public RequestId? Next() => frontDoor.Ready ? frontDoor.Ids.Next() : null;

    /// <summary>That id, or a new one where it is none.</summary>
    public RequestId? OrNext(RequestId id) => id.Value != 0 ? id : Next();
}
