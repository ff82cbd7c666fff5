using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Switchboard.Bench.Servers;

/// <summary>A minimal API that parses the same JSON and formats the same answer, with no id, queue, applier or notifier.</summary>
internal sealed class BareEchoServer : IBenchServer
{
    private readonly WebApplication _app;

    private BareEchoServer(WebApplication app) => _app = app;

    public Uri Http => new(_app.Urls.First());

    public Uri Grpc => Http;

    public static async Task<BareEchoServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.MapPost("/echo", (EchoTask task) => TypedResults.Text($"SUCCESS {task.Kind} {Quote(task.Message)}"));
        await app.StartAsync();
        return new BareEchoServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    /// <summary>Enough of Go's <c>%q</c> for what is sent here.</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var letter in text)
        {
            if (letter is '"' or '\\')
            {
                quoted.Append('\\');
            }

            quoted.Append(letter);
        }

        return quoted.Append('"').ToString();
    }

    private sealed record EchoTask(string Kind, string Message);
}
