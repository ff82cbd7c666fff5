using Npgsql;
using Switchboard.Silo.Storage.PostgreSql;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Storage;

/// <summary>The schema's versions: who may run on which, and how one becomes the next.</summary>
public sealed class SchemaTests
{
    [PostgreSqlFact]
    public async Task A_database_without_tables_is_to_be_migrated()
    {
        var empty = await PostgreSqlServer.NewDatabaseAsync();
        Assert.Contains("Run the program once with --migrate.", await ProblemAsync(empty), StringComparison.Ordinal);
        Assert.Equal((0, Schema.Current), await NewDatabase.MigrateAsync(empty));
        Assert.Null(await ProblemAsync(empty));
    }

    [PostgreSqlFact]
    public async Task Migrated_again_it_stays_as_it_is()
    {
        var database = await NewDatabase.MigratedAsync();
        await PostgreSqlServer.ExecuteAsync(database, "INSERT INTO switchboard_membership_version VALUES ('kept', 7)");
        Assert.Equal((Schema.Current, Schema.Current), await NewDatabase.MigrateAsync(database));
        Assert.Equal(7, await PostgreSqlServer.ReadAsync<int>(database, "SELECT version FROM switchboard_membership_version"));
    }

    /// <summary>Of programs that migrate at the same time, as pods do that start together, one does the work; the others find it done.</summary>
    [PostgreSqlFact]
    public async Task Of_several_at_once_one_does_the_work()
    {
        for (var round = 0; round < 5; round++)
        {
            var database = await PostgreSqlServer.NewDatabaseAsync();
            var did = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NewDatabase.MigrateAsync(database)));
            Assert.Single(did, static d => d.Before == 0);
            Assert.All(did, static d => Assert.Equal(Schema.Current, d.After));
            Assert.Equal(1L, await PostgreSqlServer.ReadAsync<long>(database, "SELECT count(*) FROM switchboard_schema"));
        }
    }

    /// <summary>A newer schema that still allows this program: a roll to the next version, or back from it.</summary>
    [PostgreSqlFact]
    public async Task A_newer_schema_that_allows_this_program_is_fine()
    {
        var database = await NewDatabase.MigratedAsync();
        await SetAsync(database, Schema.Current + 1, Schema.Current);
        Assert.Null(await ProblemAsync(database));
        // And its own --migrate leaves the newer one alone.
        Assert.Equal((Schema.Current + 1, Schema.Current + 1), await NewDatabase.MigrateAsync(database));
        Assert.Equal(Schema.Current + 1, await PostgreSqlServer.ReadAsync<int>(database, "SELECT version FROM switchboard_schema"));
    }

    [PostgreSqlFact]
    public async Task A_newer_schema_that_does_not_is_refused()
    {
        var database = await NewDatabase.MigratedAsync();
        await SetAsync(database, Schema.Current + 2, Schema.Current + 1);
        Assert.Equal(
            $"The database's schema has version {Schema.Current + 2}, on which no program for a schema older than {Schema.Current + 1} may run; "
            + $"this one is for {Schema.Current}. Run a newer program.",
            await ProblemAsync(database));
    }

    [PostgreSqlFact]
    public async Task An_older_schema_is_to_be_migrated()
    {
        var database = await NewDatabase.MigratedAsync();
        await SetAsync(database, Schema.Current - 1, 0);
        Assert.Equal(
            $"The database's schema has version {Schema.Current - 1}; this program needs {Schema.Current}. Run the program once with --migrate.",
            await ProblemAsync(database));
    }

    /// <summary>A migration that breaks half-way leaves nothing behind.</summary>
    [PostgreSqlFact]
    public async Task One_that_fails_leaves_the_database_as_it_was()
    {
        var database = await PostgreSqlServer.NewDatabaseAsync();
        // Somebody else's table of that name: the script fails at its last third.
        await PostgreSqlServer.ExecuteAsync(database, "CREATE TABLE switchboard_reminder (id integer)");
        await Assert.ThrowsAsync<PostgresException>(() => NewDatabase.MigrateAsync(database));
        Assert.Equal(1L, await PostgreSqlServer.ReadAsync<long>(database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }

    private static Task SetAsync(string database, int version, int oldest) =>
        PostgreSqlServer.ExecuteAsync(database, $"UPDATE switchboard_schema SET version = {version}, oldest_program = {oldest}");

    private static async Task<string?> ProblemAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        return await Schema.ProblemAsync(database, CancellationToken.None);
    }
}
