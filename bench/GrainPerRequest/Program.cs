using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Agents;
using Switchboard.Bench.GrainPerRequest;
using Switchboard.Core.Requests;
using Switchboard.Grains;

// What a grain for every live request costs beside an entry in a table of pending replies: docs/adr/0002. 64 callers at a time, in
// one silo, called from within it.
const int Callers = 64;
const int Held = 20_000;
var requests = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;

var builder = new InProcessTestClusterBuilder(1);
builder.ConfigureSilo((_, silo) =>
{
    silo.AddMemoryGrainStorage(Names.Storage.Provider);
    silo.UseInMemoryReminderService();
    silo.AddSwitchboardGrains();
});
await using var cluster = builder.Build();
await cluster.DeployAsync();
var grains = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
var table = new PendingReplies<object>(requests + Held);
var agent = grains.GetGrain<IAgentGrain>("default/bench");
// One that has had a session: the activation of an agent that nobody knows goes after each call.
await agent.Disconnect(1);
long key = 0;

Console.WriteLine($"{requests} requests, {Callers} callers, {Environment.ProcessorCount} cores");
Console.WriteLine($"{"",-44}{"a second",12}{"us each",10}{"bytes each",12}");
for (var round = 0; round < 3; round++)
{
    await MeasureAsync("entry in PendingReplies, in and out", () =>
    {
        var id = (ulong)Interlocked.Increment(ref key);
        table.Register(id, new object());
        table.TryTrigger(id, out _);
        return Task.CompletedTask;
    });
    await MeasureAsync("one call of an agent's grain (Route)", () => agent.Route());
    await MeasureAsync("grain a request: activate, end, deactivate", async () =>
    {
        var grain = grains.GetGrain<IPendingGrain>(Interlocked.Increment(ref key));
        await grain.Begin();
        await grain.Finish();
    });
}

await HoldAsync("held: an entry in PendingReplies", i =>
{
    table.Register((ulong)(key + i + 1), new object());
    return Task.CompletedTask;
});
await HoldAsync("held: an activation", i => grains.GetGrain<IPendingGrain>(key + i + 1).Begin());

async Task MeasureAsync(string what, Func<Task> one)
{
    var left = requests;
    var bytes = GC.GetTotalAllocatedBytes(precise: true);
    var start = TimeProvider.System.GetTimestamp();
    await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
    {
        while (Interlocked.Decrement(ref left) >= 0)
        {
            await one();
        }
    })));
    var elapsed = TimeProvider.System.GetElapsedTime(start);
    bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
    Print(what, requests / elapsed.TotalSeconds, elapsed.TotalMicroseconds / requests, bytes / requests);
}

async Task HoldAsync(string what, Func<int, Task> one)
{
    var before = GC.GetTotalMemory(forceFullCollection: true);
    for (var i = 0; i < Held; i++)
    {
        await one(i);
    }

    Print(what, null, null, (GC.GetTotalMemory(forceFullCollection: true) - before) / Held);
}

static void Print(string what, double? rate, double? microseconds, long bytes) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-44}{rate,12:N0}{microseconds,10:N2}{bytes,12:N0}"));
