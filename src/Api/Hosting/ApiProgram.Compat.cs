namespace Switchboard.Api.Hosting;

/// <summary>The front door alone needs Orleans' client, which the stand-ins do not have: the program says so.</summary>
public static class ApiProgram
{
    /// <summary>Says in one line what is missing, and returns 2.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        await Console.Error.WriteLineAsync(
            "src/Api alone is a client of running silos and needs the real Orleans packages; this build uses the stand-ins "
            + "(docs/packages.md). Run src/Silo, which has the front door in it.");
        return StartupErrors.BadSettings;
    }
}
