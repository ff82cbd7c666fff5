using System.Globalization;
using Grpc.Net.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Hostile;

/// <summary>
/// The real program as a process that may have a heap of 1 GB, with one agent that responds and one caller that asks it again and again: what
/// others see of a storm.
/// </summary>
internal sealed class Victim : IAsyncDisposable
{
    private const string HeapLimit = "0x40000000";
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    // What must be nothing once a storm is over. The bystander's session stays.
    private static readonly (string Series, double AtRest)[] _gauges =
    [
        ("switchboard_requests_pending", 0), ("switchboard_requests_held_bytes", 0), ("switchboard_answers_held_bytes", 0),
        ("switchboard_requests_waiting", 0), ("switchboard_sessions", 1), ("switchboard_durable_requests{state=\"open\"}", 0),
        ("switchboard_durable_requests{state=\"ended\"}", 0), ("switchboard_durable_bytes", 0),
    ];

    private readonly GatewayProcess _process;
    private readonly Bystander _bystander;
    private readonly HttpClient _rest;

    private Victim(GatewayProcess process, Bystander bystander)
    {
        (_process, _bystander) = (process, bystander);
        _rest = new HttpClient { BaseAddress = process.Rest };
    }

    public Uri Rest => _process.Rest;

    public Uri Grpc => _process.Grpc;

    public bool Lives => _process.Lives;

    /// <summary>
    /// Puts the program through a storm, a few rounds of it. After each it lives, has served the bystander meanwhile, and its gauges come back;
    /// after the last its memory comes back to within a fifth of what it was before the first, within a minute.
    /// </summary>
    public static Task EnduresAsync(int rounds, Func<Victim, Task> storm, params string[] settings) => EnduresAsync(0, rounds, storm, settings);

    /// <summary>The same, of a storm after which something is kept that is meant to be.</summary>
    /// <param name="kept">How many bytes of memory that may take.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="storm">One round.</param>
    /// <param name="settings">Settings of the program.</param>
    public static async Task EnduresAsync(long kept, int rounds, Func<Victim, Task> storm, params string[] settings)
    {
        await using var victim = await StartAsync(settings);
        await victim._bystander.AskAsync(2000);
        await victim.RestsAsync();
        var before = victim.ResidentBytes();
        for (var round = 1; round <= rounds; round++)
        {
            await victim._bystander.WhileAsync(storm(victim));
            Assert.True(victim.Lives, $"It died in round {round}:\n{string.Join('\n', victim._process.Lines.TakeLast(20))}");
            await victim.RestsAsync();
        }

        var most = (before * 6 / 5) + kept;
        var now = 0L;
        await Eventually.IsTrueAsync(
            () => (now = victim.ResidentBytes()) <= most, () => $"{now >> 20} MB are resident, of {before >> 20} MB before", _minute);
    }

    public GrpcChannel NewChannel() => GrpcChannel.ForAddress(Grpc, new GrpcChannelOptions { HttpHandler = NewHandler(), DisposeHttpClient = true });

    public AgentGateway.AgentGatewayClient NewClient() => new(NewChannel());

    /// <summary>A client whose connections are its own.</summary>
    public HttpClient NewRest() => new(NewHandler()) { BaseAddress = Rest };

    /// <summary>Lets the bystander ask so often: for a storm that has to see whether something goes on meanwhile.</summary>
    public Task AskAsync(int times) => _bystander.AskAsync(times);

    public Task<double> MetricAsync(string series) => _rest.MetricAsync(series, absent: 0);

    public async ValueTask DisposeAsync()
    {
        _rest.Dispose();
        await _bystander.DisposeAsync();
        await _process.DisposeAsync();
    }

    private static async Task<Victim> StartAsync(string[] settings)
    {
        // What has ended is forgotten at once, so that the gauges come back within a test's time.
        string[] all = ["--Switchboard:Durable:Retention=0s", "--Logging:LogLevel:Default=Warning", .. settings];
        var process = await GatewayProcess.StartAsync([("DOTNET_GCHeapHardLimit", HeapLimit)], all);
        return new Victim(process, await Bystander.StartAsync(process.Grpc));
    }

    private static SocketsHttpHandler NewHandler() => new() { EnableMultipleHttp2Connections = true };

    private async Task RestsAsync()
    {
        var open = new List<string>();
        await Eventually.IsTrueAsync(IsAtRestAsync, () => string.Join(", ", open), _minute);

        async Task<bool> IsAtRestAsync()
        {
            open.Clear();
            foreach (var (series, rest) in _gauges)
            {
                var value = await MetricAsync(series);
                if (value > rest)
                {
                    open.Add($"{series} is {value}");
                }
            }

            return open.Count == 0;
        }
    }

    private long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture) * 1024;
    }
}
