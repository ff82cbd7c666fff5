using Switchboard.Abstractions.FrontDoors;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>Represents this process as grains and other front doors know it.</summary>
internal interface IFrontDoor
{
    /// <summary>The number held; 0 before there is one.</summary>
    ushort Number { get; }

    /// <summary>Gets what tells this holder of the number from an earlier one.</summary>
    Guid Holder { get; }

    /// <summary>Generates ids under that number.</summary>
    RequestIdGenerator Ids { get; }

    /// <summary>Returns the observer of a session, request or task: always the same for one id.</summary>
    IFrontDoorObserver Observer(ulong id);

    /// <summary>Gets whether the number is leased, so that new agents can be served.</summary>
    bool Ready { get; }

    /// <summary>
    /// Gets whether requests are served: from the first lease on, and on while it cannot be renewed, until the sessions here have been ended
    /// for that. The number is nobody else's until long after.
    /// </summary>
    bool Serves { get; }

    /// <summary>Gets whether this is one of a cluster's front doors.</summary>
    bool IsClustered { get; }

    /// <summary>Gets whether the process stops: then it is not ready, and accepts no new session.</summary>
    bool Stopping { get; }

    /// <summary>Gets whether new calls are refused: once its agents are served elsewhere, where that is possible.</summary>
    bool Closed { get; }
}
