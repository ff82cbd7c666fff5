using System.Globalization;
using System.Runtime;

namespace Switchboard.Bench.Servers;

/// <summary>What a process says of itself at a moment. Two of them, subtracted, are the cost of what happened between.</summary>
/// <param name="Cpu">User and system time of all its threads, since its start.</param>
/// <param name="AllocatedBytes">Managed bytes allocated since its start, by all threads.</param>
/// <param name="WorkingSetBytes">Resident memory now.</param>
/// <param name="Collections">Garbage collections of any generation since its start.</param>
/// <param name="ServerGc">Does it run the server garbage collector?</param>
internal sealed record ServerStats(TimeSpan Cpu, long AllocatedBytes, long WorkingSetBytes, int Collections, bool ServerGc)
{
    /// <summary>Of this process.</summary>
    public static ServerStats Read() => new(
        Environment.CpuUsage.TotalTime,
        GC.GetTotalAllocatedBytes(precise: true),
        Environment.WorkingSet,
        GC.CollectionCount(0),
        GCSettings.IsServerGC);

    public string Write() => string.Create(
        CultureInfo.InvariantCulture, $"{Cpu.Ticks} {AllocatedBytes} {WorkingSetBytes} {Collections} {(ServerGc ? 1 : 0)}");

    public static ServerStats Parse(string line)
    {
        var parts = line.Split(' ').Select(p => long.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        return new ServerStats(new TimeSpan(parts[0]), parts[1], parts[2], (int)parts[3], parts[4] == 1);
    }
}
