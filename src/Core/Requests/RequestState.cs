namespace Switchboard.Core.Requests;

/// <summary>Where a request is in its life. It only ever moves down this list.</summary>
public enum RequestState : byte
{
    /// <summary>It has an id and has not been given to a session.</summary>
    Accepted = 0,

    /// <summary>It was given to a session; nothing of an answer has been handed to the caller.</summary>
    Sent = 1,

    /// <summary>The first message of an answer has been handed to the caller.</summary>
    Answering = 2,

    /// <summary>It has its verdict.</summary>
    Ended = 3,
}
