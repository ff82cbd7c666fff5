namespace Switchboard.Api.Verdicts;

/// <summary>Specifies who caused a verdict.</summary>
internal enum Fault
{
    /// <summary>None: the request succeeded.</summary>
    None = 0,

    /// <summary>The caller: its request is invalid, or it went away.</summary>
    Caller = 1,

    /// <summary>The agent, or an applier.</summary>
    Agent = 2,

    /// <summary>The gateway: overloaded, stopping, or faulty.</summary>
    Gateway = 3,
}
