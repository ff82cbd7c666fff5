using System.Net;
using System.Net.Sockets;
using Npgsql;
using Switchboard.Silo.Tests.Harness;
using Switchboard.TestSupport;
using Switchboard.TestSupport.Servers;

namespace Switchboard.Silo.Tests.Hosting;

/// <summary>The program and a database that it cannot use: one line that says what to do, without the password, and exit code 4.</summary>
public sealed class DatabaseStartTests
{
    private const string Password = "Top-Secret-1";

    [PostgreSqlFact]
    public async Task Without_tables_the_start_says_what_to_run_and_migrate_makes_them()
    {
        var database = await PostgreSqlServer.NewDatabaseAsync();
        var started = await ProgramRun.RunAsync(Storage(database));
        Assert.Equal(4, started.ExitCode);
        Assert.Equal(
            "The database has no tables of Switchboard's yet. Run the program once with --migrate. (Switchboard:Storage:ConnectionString)",
            Assert.Single(started.Errors));

        var migrated = await ProgramRun.RunAsync(["--migrate", .. Storage(database)]);
        Assert.Equal((0, "The schema has version 1 now; it was not there. (Switchboard:Storage:ConnectionString)"), (migrated.ExitCode, migrated.Output.Trim()));
        Assert.Empty(migrated.Errors);
        var again = await ProgramRun.RunAsync(["--migrate", .. Storage(database)]);
        Assert.Equal((0, "The schema has version 1; there was nothing to do. (Switchboard:Storage:ConnectionString)"), (again.ExitCode, again.Output.Trim()));
    }

    [PostgreSqlFact]
    public async Task A_database_for_newer_programs_is_refused()
    {
        var database = await NewDatabase.MigratedAsync();
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE switchboard_schema SET version = 3, oldest_program = 2");
        var started = await ProgramRun.RunAsync(Storage(database));
        Assert.Equal(4, started.ExitCode);
        Assert.EndsWith("Run a newer program. (Switchboard:Storage:ConnectionString)", Assert.Single(started.Errors), StringComparison.Ordinal);
    }

    /// <summary>The cluster's own database is looked at too.</summary>
    [PostgreSqlFact]
    public async Task The_database_of_the_cluster_is_looked_at_too()
    {
        var started = await ProgramRun.RunAsync(
            [.. Storage(await NewDatabase.MigratedAsync()), "--Switchboard:Cluster:Provider=PostgreSql", $"--Switchboard:Cluster:ConnectionString={await PostgreSqlServer.NewDatabaseAsync()}"]);
        Assert.Equal(4, started.ExitCode);
        Assert.EndsWith("--migrate. (Switchboard:Cluster:ConnectionString)", Assert.Single(started.Errors), StringComparison.Ordinal);
    }

    [PostgreSqlTheory]
    [InlineData("--migrate")]
    [InlineData(null)]
    public async Task A_database_that_is_not_there_is_named(string? migrate)
    {
        var there = new NpgsqlConnectionStringBuilder(await PostgreSqlServer.NewDatabaseAsync()) { Database = "other", Password = Password };
        var run = await ProgramRun.RunAsync(With(migrate, there.ConnectionString));
        Assert.Equal(4, run.ExitCode);
        Assert.Equal(
            $"PostgreSQL at {there.Host}:{there.Port}, database 'other', cannot be used: database \"other\" does not exist (Switchboard:Storage:ConnectionString)",
            Assert.Single(run.Errors));
        Assert.Empty(run.Output);
    }

    /// <summary>Nobody listens; somebody does who is no PostgreSQL; somebody who never answers; a name that leads nowhere.</summary>
    [Theory]
    [InlineData(Server.None, "--migrate")]
    [InlineData(Server.None, null)]
    [InlineData(Server.Other, null)]
    [InlineData(Server.Silent, null)]
    [InlineData(Server.Nameless, null)]
    public async Task A_server_that_is_none_is_named(Server server, string? migrate)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answering = server == Server.Other ? AnswerOtherwiseAsync(listener) : Task.CompletedTask;
        if (server == Server.None)
        {
            listener.Stop();
        }

        var host = server == Server.Nameless ? "nowhere.invalid" : "127.0.0.1";
        var run = await ProgramRun.RunAsync(With(migrate, $"Host={host};Port={port};Username=u;Password={Password};Database=d;Timeout=2"));
        Assert.Equal(4, run.ExitCode);
        var line = Assert.Single(run.Errors);
        Assert.StartsWith($"PostgreSQL at {host}:{port}, database 'd', cannot be used: ", line, StringComparison.Ordinal);
        Assert.EndsWith("(Switchboard:Storage:ConnectionString)", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, line + run.Output, StringComparison.Ordinal);
        listener.Stop();
        await answering.DefaultTimeout();
    }

    /// <summary>What the password's place is, when it cannot be read.</summary>
    [Fact]
    public async Task A_connection_string_that_cannot_be_read_is_not_repeated()
    {
        var run = await ProgramRun.RunAsync("--migrate", "--Switchboard:Storage:Provider=PostgreSql", $"--Switchboard:Storage:ConnectionString=Host=h;Port=x{Password}");
        Assert.Equal(2, run.ExitCode);
        Assert.DoesNotContain(Password, Assert.Single(run.Errors) + run.Output, StringComparison.Ordinal);
    }

    private static async Task AnswerOtherwiseAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string[] With(string? migrate, string database) => migrate is null ? Storage(database) : [migrate, .. Storage(database)];

    private static string[] Storage(string database) =>
        ["--Switchboard:Storage:Provider=PostgreSql", $"--Switchboard:Storage:ConnectionString={database}"];
}

/// <summary>What listens where PostgreSQL should.</summary>
public enum Server
{
    None,
    Other,
    Silent,
    Nameless,
}
