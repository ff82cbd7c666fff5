using System.Globalization;
using System.Text.Json;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.BadInput;

/// <summary>A response over HTTP/1.1 as it came over the wire.</summary>
internal sealed record RawResponse(string Text)
{
    /// <summary>In place of a status: 400, or no word at all where the client's end was seen first.</summary>
    public const int None = 0;

    public string Head => Text.Split("\r\n\r\n")[0];

    /// <summary>Sends a request with what its route needs, and that.</summary>
    public static Task<RawResponse> SendAsync(
        GatewayHost host, BadRoute route, string target, string? body = null, string headers = "Content-Type: application/json\r\n")
    {
        body ??= route.Pattern == "/echo" ? """{"kind":"create","message":"hi"}""" : "";
        var length = string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        return ExchangeAsync(host, $"{route.Method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}{length}\r\n{body}");
    }

    /// <summary>Sends those bytes (Latin-1), with an end where they are cut, and reads to the end.</summary>
    public static async Task<RawResponse> ExchangeAsync(GatewayHost host, string text, bool cut = false)
    {
        using var raw = await RawConnection.OpenAsync(host.Rest);
        try
        {
            await raw.SendAsync(text);
            if (cut)
            {
                raw.Finish();
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // Refused before all of it was sent; the response says why.
        }

        try
        {
            return new RawResponse(await raw.ReadToEndAsync());
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"no end of the response to {(text.Length < 200 ? text : text[..200])}", e);
        }
    }

    /// <summary>After all of that: the next call is served, and nobody has logged an error.</summary>
    public static async Task AssertServesAsync(GatewayHost host)
    {
        var response = await SendAsync(host, BadRoutes.Echo, "/echo");
        Assert.EndsWith("SUCCESS create \"hi\"", response.Text, StringComparison.Ordinal);
        await host.AssertQuietAsync();
    }

    /// <summary>That status, and where the gateway says it rather than Kestrel, a problem that says what is wrong.</summary>
    public void Is(BadRoute route, string what, int status)
    {
        var shown = Text.Length <= 600 ? Text : Text[..600];
        what = what.Length <= 80 ? what : what[..80];
        if (status == None)
        {
            var closed = Text.Length == 0 || Text.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal);
            Assert.True(closed, $"{route}, {what}: not closed but {shown}");
            return;
        }

        Assert.True(Text.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{route}, {what}: not {status} but {shown}");
        if (!Head.Contains("application/problem+json", StringComparison.Ordinal))
        {
            return;
        }

        var problem = JsonDocument.Parse(Text[(Head.Length + 4)..]).RootElement;
        Assert.NotEqual("internal", problem.GetProperty("reason").GetString());
        var says = problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : problem.GetProperty("title").GetString()!;
        Assert.True(says.Length > 10, $"{route}, {what}: it does not say what is wrong: {shown}");
    }
}
