using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// Represents the caller's stream, as the request sees it. Calls never overlap, except <see cref="Abort"/>, which may come at any time. The
/// order is: <see cref="AcceptedAsync"/> once, <see cref="FirstAsync"/> at most once, then any number of <see cref="NextAsync"/>, then
/// <see cref="CompleteAsync"/> if the response is whole.
/// </summary>
internal interface IResponseSink
{
    /// <summary>The first message of a response that has none; compared by reference where a stream can stay empty.</summary>
    static AgentResponse NoMessage { get; } = new();

    /// <summary>
    /// Indicates before a <see cref="FirstAsync"/> or <see cref="NextAsync"/> whether another call, or the end, follows it at once, so that
    /// the sink may leave the flush to that one.
    /// </summary>
    /// <param name="moreAtOnce">True: no flush is needed now.</param>
    void Hint(bool moreAtOnce)
    {
    }

    /// <summary>Notes that the request has been accepted under this id. Not called for a rejected one.</summary>
    ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken);

    /// <summary>Writes the beginning of the response.</summary>
    /// <param name="status">The agent's status, 200 where it gave none.</param>
    /// <param name="first">The headers and the first part of the body; <see cref="NoMessage"/> if the agent sent no message at all.</param>
    /// <param name="cancellationToken">Fires when the caller has gone.</param>
    ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken);

    /// <summary>Writes a later message of the response, of which only the body counts.</summary>
    ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that the response is complete; the agent's call is acknowledged after it. A sink that keeps the response keeps it here.
    /// </summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Aborts the caller's stream (<c>HttpContext.Abort</c>): a write that is under way fails. For a caller that stopped reading.
    /// </summary>
    void Abort();
}
