namespace Switchboard.Api.Startup;

/// <summary>Finds the folder of <c>appsettings.json</c>.</summary>
internal static class SettingsFolder
{
    /// <summary>Returns the current folder if it has the file, otherwise the program's own.</summary>
    public static string Find() =>
        File.Exists(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json")) ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;
}
