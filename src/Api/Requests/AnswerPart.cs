using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>What is next for the caller.</summary>
internal enum AnswerPartKind
{
    /// <summary>Nothing yet.</summary>
    Nothing,

    /// <summary>The first message.</summary>
    First,

    /// <summary>A later message.</summary>
    Next,

    /// <summary>There are no more messages.</summary>
    Complete,

    /// <summary>Its session ended before the request was sent: it is to be routed again.</summary>
    Returned,

    /// <summary>The request has ended.</summary>
    Over,
}

/// <summary>What is next for the caller.</summary>
/// <param name="Kind">What.</param>
/// <param name="Message">The message, if it is one.</param>
/// <param name="MoreAtOnce">Is the part after it there already?</param>
internal readonly record struct AnswerPart(AnswerPartKind Kind, AgentResponse? Message = null, bool MoreAtOnce = false);
