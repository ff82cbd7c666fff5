namespace Switchboard.Bench.Servers;

/// <summary>
/// The child's main: starts a server and answers commands, one a line, on its standard input: <c>stats</c>, <c>collect</c>
/// (the same after a collection), <c>stop</c>.
/// The end of the input is <c>stop</c> too, so that a child never outlives its parent, however that one died.
/// </summary>
internal static class ServerProcess
{
    /// <summary>What a child's first line begins with.</summary>
    public const string Ready = "ready";

    private static readonly TimeSpan _start = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stop = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string kind, string logFile, string[] arguments, CancellationToken token)
    {
        // Standard output belongs to the commands. What the server itself prints goes to the log file, or nowhere.
        using var replies = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        await using var log = logFile.Length == 0 ? TextWriter.Null : new StreamWriter(logFile) { AutoFlush = true };
        Console.SetOut(log);
        var server = await StartAsync(kind, arguments).WaitAsync(_start, token);
        await replies.WriteLineAsync($"{Ready} {server.Http} {server.Grpc}");
        await AnswerAsync(replies, token);
        await server.DisposeAsync().AsTask().WaitAsync(_stop, CancellationToken.None);
        return 0;
    }

    private static async Task<IBenchServer> StartAsync(string kind, string[] arguments) => kind switch
    {
        ServerKinds.BareRelay => await BareRelayServer.StartAsync(),
        ServerKinds.GrpcRelay => await GrpcRelayServer.StartAsync(),
        ServerKinds.BareEcho => await BareEchoServer.StartAsync(),
        _ => await GatewayServer.StartAsync(arguments),
    };

    private static async Task AnswerAsync(StreamWriter replies, CancellationToken token)
    {
        while (await Console.In.ReadLineAsync(token) is { } command && command != "stop")
        {
            if (command == "stats")
            {
                await replies.WriteLineAsync(ServerStats.Read().Write());
            }

            if (command == "collect")
            {
                await replies.WriteLineAsync(ServerStats.ReadCollected().Write());
            }
        }
    }
}
