namespace Switchboard.Api.Errors;

/// <summary>Whose doing a verdict is.</summary>
public enum Fault
{
    /// <summary>Nobody's: it went well.</summary>
    None = 0,

    /// <summary>The caller's: it asked for what cannot be, or went away.</summary>
    Caller = 1,

    /// <summary>The agent's, or an applier's.</summary>
    Agent = 2,

    /// <summary>The gateway's: too much to do, stopping, or broken.</summary>
    Gateway = 3,
}
