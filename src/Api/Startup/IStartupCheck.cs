namespace Switchboard.Api.Startup;

/// <summary>Looks, before the host starts, at something outside the process that it cannot run without.</summary>
internal interface IStartupCheck
{
    /// <summary>Returns what is wrong, as a sentence that says what to do; null: nothing.</summary>
    Task<string?> ProblemAsync(CancellationToken cancellationToken);
}
