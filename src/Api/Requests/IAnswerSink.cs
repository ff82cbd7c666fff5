using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>
/// The caller's stream, as the request sees it. Calls never overlap, except <see cref="Abort"/>, which may come at any time.
/// The order is: <see cref="AcceptedAsync"/> once, <see cref="FirstAsync"/> at most once, then any number of <see cref="NextAsync"/>.
/// </summary>
public interface IAnswerSink
{
    /// <summary>The first message of an answer that has none; told apart by reference where a stream can stay empty.</summary>
    static AgentResponse NoMessage { get; } = new();

    /// <summary>
    /// Says before a <see cref="FirstAsync"/> or <see cref="NextAsync"/> whether another call, or the end, follows it at once,
    /// so that the sink may leave the flush to that one.
    /// </summary>
    /// <param name="moreAtOnce">True: no flush is needed now.</param>
    void Hint(bool moreAtOnce)
    {
    }

    /// <summary>The request has been accepted under this id. Not called for what is refused.</summary>
    ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken);

    /// <summary>The answer begins.</summary>
    /// <param name="status">The agent's status, 200 where it gave none.</param>
    /// <param name="first">Its headers and the first part of the body; <see cref="NoMessage"/> where the agent sent no message at all.</param>
    /// <param name="cancellationToken">Fires when the caller has gone.</param>
    ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken);

    /// <summary>A later message of the answer; only its body counts.</summary>
    ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken);

    /// <summary>Cuts the caller's stream without a word (<c>HttpContext.Abort</c>): a write that is under way fails. For a caller that stopped reading.</summary>
    void Abort();
}
