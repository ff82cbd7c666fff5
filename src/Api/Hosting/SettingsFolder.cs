namespace Switchboard.Api.Hosting;

/// <summary>Where the programs read <c>appsettings.json</c>.</summary>
public static class SettingsFolder
{
    /// <summary>Finds the folder: the current one where it has the file, else the program's own.</summary>
    public static string Find() =>
        File.Exists(Path.Combine(Directory.GetCurrentDirectory(), "appsettings.json")) ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;
}
