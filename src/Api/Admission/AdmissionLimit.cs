namespace Switchboard.Api.Admission;

/// <summary>Every limit past which something is <c>overloaded</c>: whose it is, and of what.</summary>
internal enum AdmissionLimit
{
    /// <summary>Requests in flight towards an agent's session.</summary>
    AgentInFlight,

    /// <summary>Requests that wait to be written to an agent's session.</summary>
    AgentQueued,

    /// <summary>Their bytes.</summary>
    AgentQueuedBytes,

    /// <summary>Requests a second to an agent.</summary>
    AgentRequestRate,

    /// <summary>Connects a second of an agent.</summary>
    AgentConnectRate,

    /// <summary>Callers that wait for an agent that is away.</summary>
    AgentWaiting,

    /// <summary>Requests in flight of a caller.</summary>
    CallerInFlight,

    /// <summary>Requests a second of a caller.</summary>
    CallerRequestRate,

    /// <summary>Requests in flight at this front door.</summary>
    ProcessInFlight,

    /// <summary>Bytes held at this front door.</summary>
    ProcessBytes,

    /// <summary>Requests a second at this front door.</summary>
    ProcessRequestRate,

    /// <summary>Connects a second to this front door.</summary>
    ProcessConnectRate,

    /// <summary>Sessions at this front door.</summary>
    ProcessSessions,

    /// <summary>Callers that wait here for agents that are away.</summary>
    ProcessWaiting,

    /// <summary>Connections to this front door.</summary>
    ProcessConnections,

    /// <summary>Connections from one address.</summary>
    AddressConnections,
}
