using System.Net;
using System.Text;
using System.Text.Json;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Harness;

/// <summary>Short words for calls and for looking at their responses.</summary>
internal static class Calls
{
    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public static StringContent Message(string message)
        => Json(JsonSerializer.Serialize(new Dictionary<string, string> { ["kind"] = "create", ["message"] = message }));

    public static Task<HttpResponseMessage> EchoAsync(this RestHost host, string message, CancellationToken cancellationToken = default)
        => host.Client.PostAsync(new Uri("/echo", UriKind.Relative), Message(message), cancellationToken);

    /// <summary>The problem's members; asserts that it is one, with that status and reason, and an id.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, HttpStatusCode status, string reason)
    {
        var text = await response.Content.ReadAsStringAsync().DefaultTimeout();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem;
    }

    public static async Task<string> TextAsync(this Task<HttpResponseMessage> call, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await call.DefaultTimeout();
        var text = await response.Content.ReadAsStringAsync().DefaultTimeout();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return text;
    }

    /// <summary>The value of a metric without labels.</summary>
    public static async Task<double> MetricAsync(this RestHost host, string name)
    {
        var text = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative)).DefaultTimeout();
        var line = text.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
