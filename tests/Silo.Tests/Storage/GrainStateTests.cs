using System.Globalization;
using Orleans.Storage;
using Switchboard.Abstractions;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Startup;
using Switchboard.Core.Requests;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>What grains rely on in the storage of their state, whichever it is.</summary>
[Collection(nameof(StorageSilos))]
public sealed class GrainStateTests(StorageSilos silos)
{
    private const string Name = "sample";

    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task What_is_not_there_is_read_as_new(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var read = await ReadAsync(storage, NewId());
        Assert.Equal((false, null), (read.RecordExists, read.ETag));
        Assert.Null(read.State!.Report);
    }

    /// <summary>Every field of a state comes back, and a later write takes the earlier one's place.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task What_is_written_is_read(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var written = new GrainState<SampleState>(State([1, 2, 3]));
        await storage.WriteStateAsync(Name, id, written);
        var first = await ReadAsync(storage, id);
        Assert.True(first.RecordExists);
        Assert.Equal(written.ETag, first.ETag);
        Assert.Equal(written.State!.Report, first.State!.Report);
        Assert.Equal(written.State!.ResponseHeaders, first.State!.ResponseHeaders);
        Assert.Equal([1, 2, 3], first.State!.Payload);
        Assert.Equal(written.State!.ExpiresAt, first.State!.ExpiresAt);

        written.State!.Payload = [4];
        await storage.WriteStateAsync(Name, id, written);
        Assert.NotEqual(first.ETag, written.ETag);
        Assert.Equal([4], (await ReadAsync(storage, id)).State!.Payload);
    }

    /// <summary>Of two activations of one grain, the one that has not read what the other wrote is refused.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task Of_two_writers_the_second_is_refused(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var first = new GrainState<SampleState>(State([1]));
        var second = new GrainState<SampleState>(State([2]));
        await storage.WriteStateAsync(Name, id, first);
        // Both saw that nothing was there.
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => storage.WriteStateAsync(Name, id, second));

        var third = await ReadAsync(storage, id);
        first.State!.Payload = [3];
        await storage.WriteStateAsync(Name, id, first);
        // Both saw the first version.
        third.State!.Payload = [4];
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => storage.WriteStateAsync(Name, id, third));
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => storage.ClearStateAsync(Name, id, third));
        Assert.Equal([3], (await ReadAsync(storage, id)).State!.Payload);
    }

    /// <summary>At the same moment too, exactly one of many gets in.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task Of_many_writers_at_once_one_gets_in(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        for (var round = 0; round < 5; round++)
        {
            var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(storage, id)));
            var got = await Task.WhenAll(writers.Select(async (writer, i) =>
            {
                writer.State!.Payload = [(byte)i];
                try
                {
                    await storage.WriteStateAsync(Name, id, writer);
                    return i;
                }
                catch (InconsistentStateException)
                {
                    return -1;
                }
            }));
            var winner = Assert.Single(got, static i => i >= 0);
            Assert.Equal([(byte)winner], (await ReadAsync(storage, id)).State!.Payload);
        }
    }

    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task What_is_cleared_is_gone_and_can_be_written_anew(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var state = new GrainState<SampleState>(State([1]));
        await storage.WriteStateAsync(Name, id, state);
        await storage.ClearStateAsync(Name, id, state);
        Assert.False((await ReadAsync(storage, id)).RecordExists);

        state.State = State([2]);
        await storage.WriteStateAsync(Name, id, state);
        Assert.Equal([2], (await ReadAsync(storage, id)).State!.Payload);
    }

    /// <summary>What was cleared and written anew is another state: who read the first one does not fit, though it was written as often.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task A_version_of_before_the_clear_is_refused(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var state = new GrainState<SampleState>(State([1]));
        await storage.WriteStateAsync(Name, id, state);
        var stale = await ReadAsync(storage, id);
        await storage.ClearStateAsync(Name, id, state);
        await storage.WriteStateAsync(Name, id, new GrainState<SampleState>(State([2])));
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => storage.WriteStateAsync(Name, id, stale));
        Assert.Equal([2], (await ReadAsync(storage, id)).State!.Payload);
    }

    /// <summary>Of a request that is forgotten no row stays.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task What_is_cleared_leaves_no_row(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var state = new GrainState<SampleState>(State([1]));
        await storage.WriteStateAsync(Name, id, state);
        const string Rows = "SELECT count(*) FROM switchboard_grain_state";
        var rows = await silos.NumberAsync(provider, Rows);
        await storage.ClearStateAsync(Name, id, state);
        Assert.Equal(rows - 1, await silos.NumberAsync(provider, Rows));
    }

    /// <summary>As bytes, and not as a text that is longer.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task A_body_of_a_megabyte_comes_back(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        var body = new byte[1024 * 1024];
        new Random(7).NextBytes(body);
        await storage.WriteStateAsync(Name, id, new GrainState<SampleState>(State(body)));
        Assert.Equal(body, (await ReadAsync(storage, id)).State!.Payload);
        if (provider != StorageProvider.Memory)
        {
            var bytes = await silos.NumberAsync(provider, "SELECT max(length(payload)) FROM switchboard_grain_state");
            Assert.InRange(bytes, body.Length, body.Length + 1024);
        }
    }

    /// <summary>Every character that a tenant's or an agent's name may have, and case counts.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task Keys_of_every_allowed_character_are_kept_apart(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var start = Guid.NewGuid().ToString("n");
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const string Others = "abcdefghijklmnopqrstuvwxyz0123456789._:-";
        var keys = Letters.Concat(Others).Select(c => $"{start}/{c}").Append($"{start}/{Letters}{Others}").Append($"{start}/{new string('a', 128)}").ToList();
        for (var i = 0; i < keys.Count; i++)
        {
            await storage.WriteStateAsync(Name, GrainId.Create(Names.GrainTypes.Agent, keys[i]), new GrainState<SampleState>(State([(byte)i])));
        }

        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal([(byte)i], (await ReadAsync(storage, GrainId.Create(Names.GrainTypes.Agent, keys[i]))).State!.Payload);
        }
    }

    /// <summary>The provider takes a request's id for a number: none is another's, wherever its first bit or its zeros are.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task Request_ids_are_kept_apart(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        string[] keys = ["0000000000000001", "8000000000000001", "0000000100000000", "ffffffffffffffff", "7fffffffffffffff", "0000000000000010"];
        for (var i = 0; i < keys.Length; i++)
        {
            await storage.WriteStateAsync(Name, GrainId.Create(Names.GrainTypes.Request, keys[i]), new GrainState<SampleState>(State([(byte)i])));
        }

        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal([(byte)i], (await ReadAsync(storage, GrainId.Create(Names.GrainTypes.Request, keys[i]))).State!.Payload);
        }
    }

    /// <summary>Two states of one grain are two.</summary>
    [PostgreSqlTheory]
    [InlineData(StorageProvider.Memory)]
    [InlineData(StorageProvider.PostgreSql)]
    [InlineData(StorageProvider.Sqlite)]
    public async Task States_of_two_names_are_kept_apart(StorageProvider provider)
    {
        var storage = await silos.GrainStateAsync(provider);
        var id = NewId();
        await storage.WriteStateAsync("one", id, new GrainState<SampleState>(State([1])));
        Assert.False((await ReadAsync(storage, id, "other")).RecordExists);
    }

    // As requests have them: 16 hex digits, which Orleans takes for a number.
    private static GrainId NewId() => GrainId.Create(Names.GrainTypes.Request, Guid.NewGuid().ToString("n")[..16]);

    private static async Task<GrainState<SampleState>> ReadAsync(IGrainStorage storage, GrainId id, string name = Name)
    {
        var state = new GrainState<SampleState>(new SampleState());
        await storage.ReadStateAsync(name, id, state);
        return state;
    }

    private static SampleState State(byte[] payload)
    {
        var time = DateTimeOffset.Parse("2026-01-02T03:04:05.6789+00:00", CultureInfo.InvariantCulture);
        return new SampleState
        {
            Payload = payload,
            ExpiresAt = time.AddHours(1),
            ResponseHeaders = [new HeaderLine { Name = "x-one", Value = "ä" }],
            Report = new RequestReport
            {
                RequestId = ulong.MaxValue,
                AgentKey = "default/a",
                Method = "m",
                State = RequestState.Sent,
                Verdict = Verdict.Answered,
                Sent = true,
                Attempt = 2,
                AcceptedAt = time,
                Deadline = time.AddMinutes(1),
                Detail = "'; DROP TABLE switchboard_grain_state; --",
            },
        };
    }
}

/// <summary>The silos are started once for all tests of the storages.</summary>
[CollectionDefinition(nameof(StorageSilos))]
public sealed class StorageSilosGroup : ICollectionFixture<StorageSilos>;
