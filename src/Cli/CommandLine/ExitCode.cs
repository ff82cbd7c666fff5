namespace Switchboard.Cli.CommandLine;

/// <summary>Defines the exit codes of the program, which its help lists.</summary>
internal static class ExitCode
{
    /// <summary>The command succeeded; of `call`, the response has a status from 200 to 299.</summary>
    public const int Success = 0;

    /// <summary>The response of `call` has another status.</summary>
    public const int NonSuccessStatus = 1;

    /// <summary>The command line is invalid. Nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The agent is offline or unknown.</summary>
    public const int AgentUnavailable = 3;

    /// <summary>There was no response in time.</summary>
    public const int Timeout = 4;

    /// <summary>Another error occurred.</summary>
    public const int Failed = 5;
}
