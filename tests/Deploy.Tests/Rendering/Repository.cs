namespace Switchboard.Deploy.Tests.Rendering;

/// <summary>The repository's files.</summary>
internal static class Repository
{
    private static readonly string _root = Above(AppContext.BaseDirectory);

    /// <summary>The full path of a file or a folder.</summary>
    public static string PathOf(string file) => Path.Combine(_root, file);

    private static string Above(string folder)
    {
        while (!File.Exists(Path.Combine(folder, "Orleans.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"No Orleans.sln above {AppContext.BaseDirectory}.");
        }

        return folder;
    }
}
