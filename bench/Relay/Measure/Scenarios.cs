using Switchboard.Bench.Load;
using Switchboard.Bench.Servers;

namespace Switchboard.Bench.Measure;

/// <summary>What is measured against what.</summary>
internal static class Scenarios
{
    // Every category that the program has a level for (src/Api/Hosting/LogLevels.cs), as a rule for one of them wins over the default.
    private static readonly string[] _categories =
    [
        "Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.Hosting.Lifetime", "Grpc", "Orleans", "Polly",
    ];

    public static async Task RelayAsync(BenchOptions options, CancellationToken token)
    {
        if (options is { AgainstGrpc: true, Rest: true })
        {
            throw new BenchFailure("The relay on the gRPC framework speaks no REST.");
        }

        var ours = options.GatewayArguments;
        await using var gateway = await StartAsync("gateway", ServerKinds.Gateway, "bare", ours, RelayLoadAsync, options);
        var (name, kind, aim) = options.AgainstGrpc
            ? ("gRPC relay", ServerKinds.GrpcRelay, default(double?))
            : ("bare relay", ServerKinds.BareRelay, 0.85);
        await using var bare = await StartAsync(name, kind, "gateway", [], RelayLoadAsync, options);
        var (subject, ceiling) = await Pairs.MeasureAsync(gateway, bare, options, token);
        Report.Write($"relay, {(options.Rest ? "REST" : "gRPC")} callers", "gateway", subject, name, ceiling, aim);
    }

    public static async Task EchoAsync(BenchOptions options, CancellationToken token)
    {
        var ours = options.GatewayArguments;
        await using var gateway = await StartAsync("gateway", ServerKinds.Gateway, "bare", ours, EchoLoadAsync, options);
        await using var bare = await StartAsync("bare minimal API", ServerKinds.BareEcho, "gateway", [], EchoLoadAsync, options);
        var (subject, ceiling) = await Pairs.MeasureAsync(gateway, bare, options, token);
        Report.Write("POST /echo", "gateway", subject, "bare minimal API", ceiling, 0.95);
    }

    /// <summary>
    /// H12: what logging costs: the gateway that writes its log to a file, against the silent one. At Information with the levels that
    /// it comes with; below that with everything that ASP.NET Core and Orleans say too, several lines for each request.
    /// </summary>
    public static async Task LogAsync(BenchOptions options, CancellationToken token)
    {
        string[] level = [.. options.LogLevel == "Information" ? [] : Levels(options.LogLevel), .. options.GatewayArguments];
        string[] silent = [.. Levels("None"), .. options.GatewayArguments];
        await using var loud = await LoadAsync(
            await ChildServer.StartAsync("logging", ServerKinds.Gateway, logged: true, level), EchoLoadAsync, options);
        await using var quiet = await LoadAsync(
            await ChildServer.StartAsync("silent", ServerKinds.Gateway, logged: false, silent), EchoLoadAsync, options);
        var (subject, ceiling) = await Pairs.MeasureAsync(loud, quiet, options, token);
        Report.Write($"POST /echo, log level {options.LogLevel} to a file", "logging", subject, "silent", ceiling, aim: null);
        Console.WriteLine($"logged: {loud.Server.LoggedBytes():n0} bytes");
    }

    private static IEnumerable<string> Levels(string level) => _categories.Select(c => $"Logging:LogLevel:{c}={level}");

    private static async Task<ILoad> RelayLoadAsync(ChildServer server, BenchOptions options) =>
        await RelayLoad.StartAsync(server.Http, server.Grpc, options);

    private static async Task<ILoad> EchoLoadAsync(ChildServer server, BenchOptions options) =>
        await EchoLoad.StartAsync(server.Http, options);

    private static async Task<Side?> StartAsync(
        string name,
        string kind,
        string other,
        string[] arguments,
        Func<ChildServer, BenchOptions, Task<ILoad>> load,
        BenchOptions options) =>
        options.Only == other ? null : await LoadAsync(await ChildServer.StartAsync(name, kind, logged: false, arguments), load, options);

    private static async Task<Side> LoadAsync(ChildServer server, Func<ChildServer, BenchOptions, Task<ILoad>> load, BenchOptions options)
    {
        try
        {
            return new Side(server, await load(server, options));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
