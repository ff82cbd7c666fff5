using Switchboard.Api.Startup;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Scenarios.Clusters;

/// <summary>Processes of the program on one database, and where wanted on one Redis: a cluster on this machine.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int StartsAgain = 3;
    private const string DeclaredDead = "I have been told I am dead";

    private readonly string[] _settings;
    private readonly List<GatewayProcess> _started = [];

    private TestCluster(string[] settings) => _settings = settings;

    /// <summary>Makes the database, and starts no process yet.</summary>
    public static async Task<TestCluster> NewAsync(
        ClusterProvider membership = ClusterProvider.PostgreSql, ClusterProfile profile = ClusterProfile.Fast, params string[] settings) =>
        await OnAsync(await PostgreSqlServer.NewDatabaseAsync(), membership, profile, settings);

    /// <summary>The same on a database that is there, by a connection string of the test's own.</summary>
    public static async Task<TestCluster> OnAsync(
        string database, ClusterProvider membership = ClusterProvider.PostgreSql, ClusterProfile profile = ClusterProfile.Fast, params string[] settings)
    {
        var name = $"cluster-{Guid.NewGuid():n}";
        string[] storage = ["--Switchboard:Storage:Provider=PostgreSql", $"--Switchboard:Storage:ConnectionString={database}"];
        Assert.Equal(0, await Silo.Hosting.SiloProgram.RunAsync(["--migrate", .. storage]));
        string[] redis = membership == ClusterProvider.Redis
            ? [$"--Switchboard:Cluster:ConnectionString={await RedisServer.ConnectionStringAsync()}"]
            : [];
        return new TestCluster(
        [
            .. storage, .. redis, $"--Switchboard:Cluster:Provider={membership}", $"--Switchboard:Cluster:Profile={profile}",
            $"--Switchboard:Silo:ClusterId={name}", $"--Switchboard:Silo:ServiceId={name}", .. settings,
        ]);
    }

    /// <summary>Starts nodes: the first makes the cluster, the others join it. Returned when each says that it is ready.</summary>
    public async Task<GatewayProcess[]> StartAsync(int nodes)
    {
        var first = await StartAsync();
        return [first, .. await Task.WhenAll(Enumerable.Range(1, nodes - 1).Select(_ => StartAsync()))];
    }

    /// <summary>Starts one node more.</summary>
    public async Task<GatewayProcess> StartAsync()
    {
        for (var left = StartsAgain; ; left--)
        {
            try
            {
                return await ReadyAsync(await GatewayProcess.StartAsync(_settings));
            }
            catch (InvalidOperationException e) when (left > 0 && e.Message.Contains(DeclaredDead, StringComparison.Ordinal))
            {
                // The price of the profile Fast: while it compiles itself on cores that others use, it replies to no probe for a second.
                // Whatever runs it starts it again.
            }
        }
    }

    /// <summary>Starts a front door that stands alone, as an Orleans client of the silos.</summary>
    public async Task<GatewayProcess> StartFrontDoorAsync() => await ReadyAsync(await GatewayProcess.StartFrontDoorAsync(_settings));

    public async ValueTask DisposeAsync()
    {
        // Killed: how they stop is another test's matter, and one after the other would have the last ones look for the first.
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }
    }

    private async Task<GatewayProcess> ReadyAsync(GatewayProcess process)
    {
        lock (_started)
        {
            _started.Add(process);
        }

        using var http = new HttpClient { BaseAddress = process.Rest };
        var said = "";
        await Eventually.IsTrueAsync(
            async () =>
            {
                using var response = await http.GetAsync("/health/ready");
                said = await response.Content.ReadAsStringAsync();
                return response.IsSuccessStatusCode;
            },
            () => $"not ready: {said}\n{string.Join('\n', process.Lines)}");
        return process;
    }
}
