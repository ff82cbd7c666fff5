namespace Switchboard.Core.Requests;

/// <summary>Specifies the state of a request. It only ever moves down this list.</summary>
public enum RequestState : byte
{
    /// <summary>It has an id and has not been sent to a session.</summary>
    Accepted = 0,

    /// <summary>It was sent to a session; nothing of a response has been handed to the caller.</summary>
    Sent = 1,

    /// <summary>The first message of a response has been handed to the caller.</summary>
    Answering = 2,

    /// <summary>It has its verdict.</summary>
    Ended = 3,
}
