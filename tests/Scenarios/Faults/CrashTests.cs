using System.Collections.Concurrent;
using Grpc.Core;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.Faults;

/// <summary>The program with the storage that it has by default: one file, and nothing to install.</summary>
[Collection(RunsAlone.Name)]
public sealed class CrashTests : IDisposable
{
    // A reminder's period is a minute, and it falls due when it would have without the crash.
    private static readonly TimeSpan _reminded = TimeSpan.FromSeconds(150);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-test-");

    /// <summary>D1: what was accepted with 202, and said to be durable, is delivered, though the process is killed right after.</summary>
    [UnixFact]
    public async Task A_durable_request_outlives_its_process()
    {
        string path;
        await using (var gateway = await StartAsync())
        {
            using var http = new HttpClient { BaseAddress = gateway.Rest };
            path = await http.AcceptedAsync("away", "kept");
            await gateway.SignalAsync("KILL");
            await gateway.ExitAsync();
        }

        await using var again = await StartAsync();
        await using var agent = await TestAgent.ConnectAsync(again.Channel, "away");
        V1.AgentRequest? request = null;
        await Eventually.IsTrueAsync(() => agent.TryNextRequest(out request), () => "it was not delivered", _reminded);
        Assert.Equal(("kept", "m"), (request!.Body.ToStringUtf8(), request.Method));
        Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, new V1.AgentResponse { Body = request.Body }));

        using var caller = new HttpClient { BaseAddress = again.Rest };
        Assert.Equal("kept", await caller.KeptAsync(path));
    }

    /// <summary>Killed while many are being written: each that was acknowledged is there, and the file is sound.</summary>
    [UnixFact]
    public async Task A_crash_among_writes_loses_nothing_acknowledged()
    {
        var acknowledged = new ConcurrentBag<string>();
        await using (var gateway = await StartAsync())
        {
            using var http = new HttpClient { BaseAddress = gateway.Rest };
            var callers = Enumerable.Range(0, 16).Select(async i =>
            {
                while (await TryAcceptAsync(http, $"away-{i}", "kept") is { } path)
                {
                    acknowledged.Add(path);
                }
            }).ToList();
            // In the middle: every caller has its next request under way.
            await Eventually.IsTrueAsync(() => acknowledged.Count >= 500, () => $"{acknowledged.Count} were acknowledged\n{string.Join('\n', gateway.Lines)}");
            await gateway.SignalAsync("KILL");
            await gateway.ExitAsync();
            await Task.WhenAll(callers).DefaultTimeout();
        }

        await using var again = await StartAsync();
        using var caller = new HttpClient { BaseAddress = again.Rest };
        foreach (var path in acknowledged)
        {
            using var found = await caller.GetAsync(path).DefaultTimeout();
            Assert.True(found.IsSuccessStatusCode, $"{path} is {found.StatusCode}, of {acknowledged.Count}");
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(
        "--Switchboard:Storage:Provider=Sqlite", $"--Switchboard:Storage:Path={Path.Combine(_folder.FullName, "data", "switchboard.db")}");

    // The path of an accepted request; null: the gateway is gone.
    private static async Task<string?> TryAcceptAsync(HttpClient http, string agent, string body)
    {
        try
        {
            return await http.AcceptedAsync(agent, body);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
