using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Messaging;
using Switchboard.Api.Startup;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Clustering;

/// <summary>What silos rely on in the table of their cluster, whichever it is. Each test has a cluster of its own.</summary>
public sealed class MembershipTests
{
    private static readonly DateTime _now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private static int _generation;

    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task A_new_cluster_has_a_version_and_nobody(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var all = await cluster.Table.ReadAllAsync();
        Assert.Empty(all.Members);
        Assert.Equal(0, all.Version.Version);
        // Whoever comes second finds it as it is.
        Assert.True(await cluster.Table.InsertRowAsync(Entry(SiloStatus.Joining), all.Version.Next()));
        await cluster.Table.InitializeMembershipTableAsync(tryInitTableVersion: true);
        Assert.Equal(1, (await cluster.Table.ReadAllAsync()).Version.Version);
    }

    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task Who_is_inserted_is_read_with_all_that_was_said(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var entry = Entry(SiloStatus.Joining);
        Assert.True(await cluster.Table.InsertRowAsync(entry, (await cluster.Table.ReadAllAsync()).Version.Next()));
        var (read, etag) = Assert.Single((await cluster.Table.ReadRowAsync(entry.SiloAddress)).Members);
        Assert.Equal(
            (entry.SiloAddress, entry.HostName, entry.SiloName, entry.Status, entry.ProxyPort, entry.StartTime, entry.IAmAliveTime),
            (read.SiloAddress, read.HostName, read.SiloName, read.Status, read.ProxyPort, read.StartTime.ToUniversalTime(), read.IAmAliveTime.ToUniversalTime()));

        read.Status = SiloStatus.Active;
        read.SuspectTimes = [Tuple.Create(entry.SiloAddress, _now), Tuple.Create(Entry(SiloStatus.Active).SiloAddress, _now.AddSeconds(1))];
        Assert.True(await cluster.Table.UpdateRowAsync(read, etag, (await cluster.Table.ReadAllAsync()).Version.Next()));
        var all = await cluster.Table.ReadAllAsync();
        var (again, _) = Assert.Single(all.Members);
        Assert.Equal((2, SiloStatus.Active), (all.Version.Version, again.Status));
        Assert.Equal(read.SuspectTimes, again.SuspectTimes);
        Assert.Empty((await cluster.Table.ReadRowAsync(Entry(SiloStatus.Joining).SiloAddress)).Members);
    }

    /// <summary>The table has one order of changes: who has not read the last one changes nothing.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task A_stale_version_of_the_table_is_refused(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var (first, second) = (Entry(SiloStatus.Active), Entry(SiloStatus.Active));
        var empty = (await cluster.Table.ReadAllAsync()).Version;
        Assert.True(await cluster.Table.InsertRowAsync(first, empty.Next()));
        Assert.False(await cluster.Table.InsertRowAsync(second, empty.Next()));

        var one = await cluster.Table.ReadAllAsync();
        Assert.False(await cluster.Table.InsertRowAsync(first, one.Version.Next()));
        Assert.True(await cluster.Table.InsertRowAsync(second, one.Version.Next()));
        first.Status = SiloStatus.Dead;
        Assert.False(await cluster.Table.UpdateRowAsync(first, one.Members.Single().Item2, one.Version.Next()));
        var all = await cluster.Table.ReadAllAsync();
        Assert.Equal((2, 2), (all.Version.Version, all.Members.Count(static m => m.Item1.Status == SiloStatus.Active)));
    }

    /// <summary>At the same moment too.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task Of_many_that_join_at_once_one_gets_in(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var empty = (await cluster.Table.ReadAllAsync()).Version;
        var got = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.Table.InsertRowAsync(Entry(SiloStatus.Joining), empty.Next())));
        Assert.Single(got, static g => g);
        var all = await cluster.Table.ReadAllAsync();
        Assert.Equal((1, 1), (all.Version.Version, all.Members.Count));
    }

    /// <summary>A heartbeat is nobody's news.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task A_heartbeat_is_kept_and_changes_no_version(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var entry = Entry(SiloStatus.Active);
        Assert.True(await cluster.Table.InsertRowAsync(entry, (await cluster.Table.ReadAllAsync()).Version.Next()));
        entry.IAmAliveTime = _now.AddMinutes(5);
        await cluster.Table.UpdateIAmAliveAsync(entry);
        var all = await cluster.Table.ReadAllAsync();
        Assert.Equal((1, _now.AddMinutes(5)), (all.Version.Version, all.Members.Single().Item1.IAmAliveTime.ToUniversalTime()));
    }

    /// <summary>Rows go that are of dead silos and old, and no others.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task Cleaning_takes_the_old_dead_alone(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var (dead, freshlyDead, living) = (Entry(SiloStatus.Dead), Entry(SiloStatus.Dead, _now.AddDays(2)), Entry(SiloStatus.Active));
        foreach (var entry in new[] { dead, freshlyDead, living })
        {
            Assert.True(await cluster.Table.InsertRowAsync(entry, (await cluster.Table.ReadAllAsync()).Version.Next()));
        }

        await cluster.Table.CleanupDefunctSiloEntriesAsync(_now.AddDays(1));
        var left = (await cluster.Table.ReadAllAsync()).Members.Select(static m => m.Item1.SiloAddress.ToParsableString()).Order();
        Assert.Equal(new[] { freshlyDead, living }.Select(static e => e.SiloAddress.ToParsableString()).Order(), left);
    }

    /// <summary>A front door that stands alone finds the living silos that let it in.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task Gateways_are_the_active_silos_that_have_one(ClusterProvider provider)
    {
        using var cluster = await Cluster.NewAsync(provider);
        var (active, joining, closed) = (Entry(SiloStatus.Active), Entry(SiloStatus.Joining), Entry(SiloStatus.Active));
        closed.ProxyPort = 0;
        foreach (var entry in new[] { active, joining, closed })
        {
            Assert.True(await cluster.Table.InsertRowAsync(entry, (await cluster.Table.ReadAllAsync()).Version.Next()));
        }

        using var client = cluster.Client();
        var gateways = client.Services.GetRequiredService<IGatewayListProvider>();
        await gateways.InitializeGatewayListProviderAsync();
        var gateway = Assert.Single(await gateways.GetGatewaysAsync());
        Assert.Equal((IPAddress.Loopback.ToString(), active.ProxyPort), (gateway.Host, gateway.Port));
    }

    /// <summary>Clusters of two names know nothing of one another.</summary>
    [AllServersTheory]
    [InlineData(ClusterProvider.PostgreSql)]
    [InlineData(ClusterProvider.Redis)]
    public async Task Two_clusters_in_one_place_are_two(ClusterProvider provider)
    {
        using var one = await Cluster.NewAsync(provider);
        using var other = await Cluster.NewAsync(provider, one.ConnectionString);
        Assert.True(await one.Table.InsertRowAsync(Entry(SiloStatus.Active), (await one.Table.ReadAllAsync()).Version.Next()));
        Assert.Empty((await other.Table.ReadAllAsync()).Members);
        await other.Table.DeleteMembershipTableEntriesAsync(other.Name);
        Assert.Single((await one.Table.ReadAllAsync()).Members);
    }

    private static MembershipEntry Entry(SiloStatus status, DateTime? alive = null)
    {
        var generation = Interlocked.Increment(ref _generation);
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 11111, generation),
            HostName = "host",
            SiloName = $"silo {generation}",
            Status = status,
            ProxyPort = 30000 + generation,
            StartTime = _now,
            IAmAliveTime = alive ?? _now,
        };
    }

    private sealed class Cluster : IDisposable
    {
        private readonly IHost _silo;
        private readonly ClusteringOptions _options;

        private Cluster(IHost silo, ClusteringOptions options, string name)
        {
            (_silo, _options, Name) = (silo, options, name);
            Table = silo.Services.GetRequiredService<IMembershipTable>();
        }

        public string Name { get; }

        public string ConnectionString => _options.ConnectionString;

        public IMembershipTable Table { get; }

        // The silo is built and never started: it would be a member itself.
        public static async Task<Cluster> NewAsync(ClusterProvider provider, string? at = null)
        {
            var name = $"cluster-{Guid.NewGuid():n}";
            at ??= provider == ClusterProvider.Redis ? await RedisServer.ConnectionStringAsync() : await NewDatabase.MigratedAsync();
            var options = new ClusteringOptions { Provider = provider, ConnectionString = at };
            var cluster = new Cluster(StorageSilos.Build(new StorageOptions { Provider = StorageProvider.Memory }, options, name), options, name);
            await cluster.Table.InitializeMembershipTableAsync(tryInitTableVersion: true);
            return cluster;
        }

        /// <summary>A front door's client of this cluster.</summary>
        public IHost Client()
        {
            var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Switchboard:Cluster:Provider"] = $"{_options.Provider}",
                ["Switchboard:Cluster:ConnectionString"] = _options.ConnectionString,
                ["Switchboard:Silo:ClusterId"] = Name,
                ["Switchboard:Silo:ServiceId"] = Name,
            });
            builder.UseOrleansClient(client => client.UseClustering(builder.Configuration));
            return builder.Build();
        }

        public void Dispose() => _silo.Dispose();
    }
}
