namespace Switchboard.Api.Verdicts;

/// <summary>Specifies whether the caller may send the same request again.</summary>
internal enum Retry
{
    /// <summary>There is nothing to retry.</summary>
    None = 0,

    /// <summary>Yes: the request was not sent.</summary>
    Safe = 1,

    /// <summary>No: the same request fails the same way.</summary>
    Never = 2,

    /// <summary>The agent, or the applier, may have processed it: only if processing it twice does no harm.</summary>
    UnknownOutcome = 3,
}
