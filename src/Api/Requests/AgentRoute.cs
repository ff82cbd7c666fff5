using Switchboard.Api.Sessions;

namespace Switchboard.Api.Requests;

/// <summary>Where an agent's requests go.</summary>
/// <param name="FrontDoor">The front door that holds the session.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Local">The session itself, where that front door is this one and it is there.</param>
internal sealed record AgentRoute(ushort FrontDoor, ulong SessionId, AgentSession? Local);
