using System.Text;
using System.Text.Json;
using Switchboard.Cli.CommandLine;

namespace Switchboard.Cli.Rest;

/// <summary>Sends REST requests to the gateway and reports their errors.</summary>
internal sealed class GatewayRest(Terminal terminal, Uri address) : IDisposable
{
    // The gateway responds to these requests from memory, or within the 5 s of a task.
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);
    private const int MaxResponseBytes = 16 * 1024 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = !address.IsLoopback, ConnectTimeout = _timeout })
    {
        BaseAddress = address,
        Timeout = _timeout,
        MaxResponseContentBufferSize = MaxResponseBytes,
    };

    /// <summary>
    /// Sends a request, passes the text of a 2xx response to <paramref name="show"/>, reports any other outcome, and returns the exit code.
    /// </summary>
    public async Task<int> RunAsync(
        HttpMethod method, string path, string? json, Func<string, Task> show, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (json is not null)
            {
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            }

            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                await show(text);
                return ExitCode.Success;
            }

            await terminal.Error.WriteLineAsync($"switchboard: {Problem(text) ?? $"the gateway answered {(int)response.StatusCode}"}");
            return (int)response.StatusCode == 504 ? ExitCode.Timeout : ExitCode.Failed;
        }
        catch (HttpRequestException error)
        {
            return ErrorReporter.ReportUnreachable(terminal, address, Addresses.RestVariable, error.Message);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return ErrorReporter.ReportUnreachable(
                terminal, address, Addresses.RestVariable, "what answers there is not a Switchboard gateway");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync($"switchboard: the gateway at {address} did not answer within {_timeout.TotalSeconds} s");
            return ExitCode.Timeout;
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("switchboard: given up");
            return ExitCode.Failed;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Returns the message of problem details (RFC 9457), or <see langword="null"/> for another text.</summary>
    private static string? Problem(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var reason = Fields.Text(document.RootElement, "reason");
            var detail = Fields.Text(document.RootElement, "detail") ?? Fields.Text(document.RootElement, "title");
            return (reason, detail) switch
            {
                (null, null) => null,
                (null, _) => detail,
                (_, null) => reason,
                _ => $"{reason}: {detail}",
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
