using Switchboard.V1;

namespace Switchboard.Api.Sessions;

/// <summary>Writes a session's messages to its agent: over a gRPC stream.</summary>
internal interface ISessionStream
{
    /// <summary>Writes one message. One at a time: only the session's writer loop calls it.</summary>
    /// <param name="message">The message; serialised before the first await, and not kept.</param>
    /// <param name="flush">False: another follows at once, the flush is left to that one.</param>
    Task WriteAsync(AgentRequest message, bool flush);

    /// <summary>Aborts the stream: a write that is under way fails. May be called at any time, from any thread.</summary>
    void Abort();
}
