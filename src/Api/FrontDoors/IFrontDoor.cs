using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>This process as grains and other front doors know it.</summary>
public interface IFrontDoor
{
    /// <summary>The number held; 0 before there is one.</summary>
    ushort Number { get; }

    /// <summary>Makes ids under that number.</summary>
    RequestIdGenerator Ids { get; }

    /// <summary>The lane of a session, request or task: always the same for one id.</summary>
    IFrontDoorLane Lane(ulong id);

    /// <summary>Is the number leased, so that agents and callers can be served?</summary>
    bool Ready { get; }

    /// <summary>Is the process stopping? Then it is not ready, and takes no new session.</summary>
    bool Stopping { get; }

    /// <summary>Does it take no new calls any more? Not before the agents that it serves are served elsewhere, where they can be.</summary>
    bool Closed { get; }
}
