using System.Globalization;
using System.Runtime;

namespace Switchboard.Bench.Servers;

/// <summary>What a process says of itself at a moment. Two of them, subtracted, are the cost of what happened between.</summary>
/// <param name="Cpu">User and system time of all its threads, since its start.</param>
/// <param name="AllocatedBytes">Managed bytes allocated since its start, by all threads.</param>
/// <param name="WorkingSetBytes">Resident memory now.</param>
/// <param name="Collections">Garbage collections of any generation since its start.</param>
/// <param name="ServerGc">Does it run the server garbage collector?</param>
/// <param name="HeapBytes">The managed heap now; after a collection it is what is alive.</param>
internal sealed record ServerStats(
    TimeSpan Cpu, long AllocatedBytes, long WorkingSetBytes, int Collections, bool ServerGc, long HeapBytes)
{
    /// <summary>Of this process.</summary>
    public static ServerStats Read() => new(
        Environment.CpuUsage.TotalTime,
        GC.GetTotalAllocatedBytes(precise: true),
        Environment.WorkingSet,
        GC.CollectionCount(0),
        GCSettings.IsServerGC,
        GC.GetTotalMemory(forceFullCollection: false));

    /// <summary>Of this process, once all that is dead has been collected and the memory given back.</summary>
    public static ServerStats ReadCollected()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Read();
    }

    public string Write() => string.Create(
        CultureInfo.InvariantCulture, $"{Cpu.Ticks} {AllocatedBytes} {WorkingSetBytes} {Collections} {(ServerGc ? 1 : 0)} {HeapBytes}");

    public static ServerStats Parse(string line)
    {
        var parts = line.Split(' ').Select(p => long.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        return new ServerStats(new TimeSpan(parts[0]), parts[1], parts[2], (int)parts[3], parts[4] == 1, parts[5]);
    }
}
