using System.Globalization;

namespace Switchboard.Bench.Measure;

/// <summary>The machine's other users. Ratios of a run that shares its cores are rougher than they look.</summary>
internal static class Machine
{
    // /proc/stat counts in hundredths of a second on every architecture that .NET runs on.
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(10);

    /// <summary>CPU time that all processes together have used, or null where the system does not say.</summary>
    public static TimeSpan? BusyTime()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        using var stat = File.OpenText("/proc/stat");

        // "cpu user nice system idle iowait irq softirq steal ...": all but idle and iowait is work, or taken away by the hypervisor.
        var fields = stat.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new[] { 1, 2, 3, 6, 7, 8 }.Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)) * _tick;
    }
}
