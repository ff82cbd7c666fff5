using System.Globalization;
using Switchboard.Bench.Load;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Measure;

/// <summary>Agents that connect and stay, at the gateway and at the bare relay, which holds the same connections.</summary>
internal static class CrowdScenarios
{
    private static readonly Column<CrowdRound>[] _idle =
    [
        new("heap KB/agent", "n1", r => r.HeapKb),
        new("resident KB/agent", "n1", r => r.ResidentKb),
    ];

    private static readonly Column<CrowdRound>[] _connect =
    [
        new("seconds until all are welcomed", "n2", r => r.Seconds),
        new("p50 ms", "n0", r => r.P50Ms),
        new("p99 ms", "n0", r => r.P99Ms),
        new("server CPU µs/connect", "n0", r => r.CpuMicros),
        new("server bytes/connect", "n0", r => r.AllocatedBytes),
        new("load CPU µs/connect", "n0", r => r.LoadCpuMicros),
        new("refused, came again", "n0", r => r.Refused),
    ];

    public static Task IdleAsync(CrowdOptions options, CancellationToken token) =>
        RunAsync($"{options.Agents} idle agents, a connection each", _idle, options, token);

    public static Task ConnectAsync(CrowdOptions options, CancellationToken token) =>
        RunAsync($"{options.Agents} agents connect at once, a connection each", _connect, options, token);

    /// <summary>Lets agents come to a gateway that runs already, stay, and go: to look at its log and its figures.</summary>
    public static async Task VisitAsync(Uri server, CrowdOptions options, CancellationToken token)
    {
        Crowd.RequireFiles(options.Agents);
        using var crowd = await Crowd.ConnectAsync(options.Agents, "visitor", server);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Agents} agents were welcomed in {crowd.Elapsed.TotalSeconds:n2} s, half of them in {crowd.Latency.Percentile(0.5).TotalSeconds:n2} s; {crowd.Refused} refusals."));
        await await Task.WhenAny(Task.Delay(options.Idle, TimeProvider.System, token), crowd.Failed);
    }

    private static async Task RunAsync(string title, Column<CrowdRound>[] columns, CrowdOptions options, CancellationToken token)
    {
        Crowd.RequireFiles(options.Agents);
        var gateway = options.Only == "bare" ? null : new CrowdSide("gateway", ServerKinds.Gateway, options.GatewayArguments);
        var bare = options.Only == "gateway" ? null : new CrowdSide("bare relay", ServerKinds.BareRelay, []);
        List<CrowdRound> ofGateway = [], ofBare = [];
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            if (pair % 2 == 0)
            {
                await AddAsync(gateway, ofGateway);
            }

            await AddAsync(bare, ofBare);
            if (pair % 2 == 1)
            {
                await AddAsync(gateway, ofGateway);
            }

            await Console.Error.WriteAsync($"\rpair {pair + 1} of {options.Pairs} ");
        }

        await Console.Error.WriteLineAsync();
        Report.Write(title, columns, "gateway", ofGateway, "bare relay", ofBare);

        async Task AddAsync(CrowdSide? side, List<CrowdRound> rounds)
        {
            if (side is not null)
            {
                rounds.Add(await CrowdRound.MeasureAsync(side, options, token));
            }
        }
    }
}
