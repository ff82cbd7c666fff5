using System.Globalization;

namespace Switchboard.Api.Hosting;

/// <summary>Reads this process's limit of open files, and how many it has open.</summary>
internal static class OpenFiles
{
    /// <summary>Reads the soft limit (<c>RLIMIT_NOFILE</c>); null if the system has none or does not report it.</summary>
    public static long? Limit => OperatingSystem.IsLinux() && File.Exists("/proc/self/limits") ? ParseLimit(File.ReadAllText("/proc/self/limits")) : null;

    /// <summary>Counts the open files; 0 if the system does not report them.</summary>
    public static int Count => OperatingSystem.IsLinux() && Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;

    /// <summary>Parses the soft limit in the text of <c>/proc/self/limits</c> (proc(5)).</summary>
    internal static long? ParseLimit(string limits)
    {
        const string Row = "Max open files";
        var line = limits.Split('\n').FirstOrDefault(static l => l.StartsWith(Row, StringComparison.Ordinal));
        var soft = line?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
