namespace Switchboard.Cli.CommandLine;

/// <summary>What the program's exit code says; the help of `switchboard` prints them too.</summary>
internal static class ExitCode
{
    /// <summary>Done; of `call`, answered with a status from 200 to 299.</summary>
    public const int Done = 0;

    /// <summary>Answered, with another status.</summary>
    public const int AnsweredOther = 1;

    /// <summary>The command line is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>No agent is connected under that id, or none is known.</summary>
    public const int AgentAway = 3;

    /// <summary>No answer in time.</summary>
    public const int Timeout = 4;

    /// <summary>Any other error.</summary>
    public const int Failed = 5;
}
