namespace Switchboard.Client.Serving;

/// <summary>Specifies the outcome of <see cref="RunningRequests.TryStart"/>.</summary>
internal enum StartOutcome
{
    /// <summary>The handler runs.</summary>
    Started,

    /// <summary>A handler of the same request runs already.</summary>
    RunsAlready,

    /// <summary>The capacity is exhausted, and the request is refused.</summary>
    Refused,

    /// <summary>The capacity for refusals is exhausted too, and nothing is sent.</summary>
    Dropped,
}
