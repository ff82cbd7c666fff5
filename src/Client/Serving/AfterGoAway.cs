namespace Switchboard.Client.Serving;

/// <summary>Specifies what an agent does after a <c>go_away</c>.</summary>
internal enum AfterGoAway
{
    /// <summary>Opens a new session at once and lets the old one finish.</summary>
    Overlap,

    /// <summary>Lets the session end and then reconnects.</summary>
    Rejoin,

    /// <summary>Stops.</summary>
    Stop,
}
