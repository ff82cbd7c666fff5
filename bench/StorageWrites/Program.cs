using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Bench.StorageWrites;
using Switchboard.Silo.Hosting;

// How many states a second 64 grains write, one after another each, over the storage that the program gives them: a file of SQLite beside
// Orleans' memory. Argument: the seconds of a round. With `requests` before it: how many durable requests a second are accepted instead.
const int Grains = 64;
const int PayloadBytes = 256;
var requests = args is ["requests", ..];
var seconds = args.Length > (requests ? 1 : 0) ? int.Parse(args[^1], CultureInfo.InvariantCulture) : 5;
var folder = Directory.CreateTempSubdirectory("switchboard-bench-");
var commits = 0L;
using var listener = new MeterListener();
listener.InstrumentPublished = static (instrument, l) =>
{
    if (instrument.Name == MetricNames.StorageCommits)
    {
        l.EnableMeasurementEvents(instrument);
    }
};
listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref commits, value));
listener.Start();

if (requests)
{
    var app = SiloProgram.Build(Arguments("Sqlite"));
    await app.StartAsync();
    Console.WriteLine($"{Environment.ProcessorCount} cores, file in {folder.Parent}, {seconds} s a round");
    await RequestWrites.RunAsync(app, folder.FullName, TimeSpan.FromSeconds(seconds), () => Interlocked.Read(ref commits));
    await app.StopAsync();
    await app.DisposeAsync();
    folder.Delete(recursive: true);
    return;
}

Console.WriteLine($"{Grains} grains, {PayloadBytes} bytes, {Environment.ProcessorCount} cores, file in {folder.Parent}, {seconds} s a round");
Console.WriteLine($"{"",-10}{"writes/s",12}{"p50 ms",10}{"p99 ms",10}{"max ms",10}{"a commit",12}");
foreach (var provider in new[] { "Memory", "Sqlite", "Sqlite", "Memory", "Memory", "Sqlite" })
{
    await using var app = SiloProgram.Build(Arguments(provider));
    await app.StartAsync();
    await RoundAsync(app, TimeSpan.FromSeconds(1));
    var before = Interlocked.Read(ref commits);
    var times = await RoundAsync(app, TimeSpan.FromSeconds(seconds));
    double? shared = Interlocked.Read(ref commits) - before is > 0 and var made ? (double)times.Count / made : null;
    times.Sort();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{provider,-10}{times.Count / (double)seconds,12:N0}{times[times.Count / 2],10:N2}{times[times.Count * 99 / 100],10:N2}{times[^1],10:N2}{shared,12:N1}"));
    await app.StopAsync();
}

folder.Delete(recursive: true);

string[] Arguments(string provider) =>
[
    "--Switchboard:Listen:HttpPort=0", "--Switchboard:Listen:GrpcPort=0", "--Switchboard:Listen:AdminPort=0", "--Switchboard:Silo:GatewayPort=0",
    "--Switchboard:FrontDoor:DataFolder=", $"--Switchboard:Storage:Provider={provider}", $"--Switchboard:Storage:Path={folder.FullName}/{Guid.NewGuid():n}.db",
];

static async Task<List<double>> RoundAsync(WebApplication app, TimeSpan length)
{
    var storage = app.Services.GetRequiredKeyedService<IGrainStorage>(Names.Storage.Provider);
    var time = TimeProvider.System;
    var began = time.GetTimestamp();
    var all = await Task.WhenAll(Enumerable.Range(0, Grains).Select(_ => Task.Run(async () =>
    {
        List<double> times = [];
        var id = GrainId.Create(Names.GrainTypes.Request, Guid.NewGuid().ToString("n")[..16]);
        var state = new GrainState<byte[]>(new byte[PayloadBytes]);
        while (time.GetElapsedTime(began) < length)
        {
            var start = time.GetTimestamp();
            await storage.WriteStateAsync("bench", id, state);
            times.Add(time.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    })));
    return [.. all.SelectMany(static t => t)];
}
