namespace Switchboard.Api.Sessions;

/// <summary>Observes sessions.</summary>
internal interface ISessionObserver
{
    /// <summary>
    /// Notes that a session has been connected: its agent's grain knows it, and requests can be sent to it. Does not wait.
    /// </summary>
    void OnConnected(AgentSession session);
}
