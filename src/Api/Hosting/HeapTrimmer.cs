using System.Diagnostics.CodeAnalysis;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Hosting;

/// <summary>Returns memory to the machine after a peak of load; see <see cref="HeapTrim"/>.</summary>
internal sealed class HeapTrimmer(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var trim = new HeapTrim(Read());
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Do(trim.Next(Read()));
        }
    }

    private static HeapReading Read() =>
        new(GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes);

    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is the place that collects, and says when in HeapTrim.")]
    private static void Do(HeapTrimStep step)
    {
        switch (step)
        {
            case HeapTrimStep.Collect:
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
                break;
            case HeapTrimStep.Compact:
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                break;
            default:
                break;
        }
    }
}
