namespace Switchboard.Api.Admission;

/// <summary>Specifies each limit whose excess is <c>overloaded</c>: whose it is, and of what.</summary>
internal enum AdmissionLimit
{
    /// <summary>Requests in flight towards an agent's session.</summary>
    AgentInFlight,

    /// <summary>Requests that wait to be written to an agent's session.</summary>
    AgentQueued,

    /// <summary>Bytes of those requests.</summary>
    AgentQueuedBytes,

    /// <summary>Requests a second to an agent.</summary>
    AgentRequestRate,

    /// <summary>Connects a second of an agent.</summary>
    AgentConnectRate,

    /// <summary>Callers that wait for an agent that is offline.</summary>
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

    /// <summary>Callers that wait here for agents that are offline.</summary>
    ProcessWaiting,

    /// <summary>Connections to this front door.</summary>
    ProcessConnections,

    /// <summary>Connections from one address.</summary>
    AddressConnections,

    /// <summary>Durable requests of an agent that are open.</summary>
    AgentDurable,

    /// <summary>Bytes of those requests.</summary>
    AgentDurableBytes,

    /// <summary>Durable requests of a tenant that are open.</summary>
    TenantDurable,

    /// <summary>Bytes of those requests.</summary>
    TenantDurableBytes,

    /// <summary>Durable requests that a silo keeps, open or ended.</summary>
    ProcessDurable,

    /// <summary>Bytes of those requests, with their responses.</summary>
    ProcessDurableBytes,
}
