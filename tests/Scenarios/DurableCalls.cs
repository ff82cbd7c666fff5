using System.Net;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios;

/// <summary>A caller of durable requests over REST.</summary>
internal static class DurableCalls
{
    /// <summary>Has a request accepted, and said to be durable, and returns its path.</summary>
    /// <exception cref="HttpRequestException">The gateway is gone.</exception>
    public static async Task<string> AcceptedAsync(this HttpClient http, string agent, string body)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests?method=m") { Content = new StringContent(body) };
        message.Headers.Add("Prefer", "respond-async");
        using var accepted = await http.SendAsync(message).DefaultTimeout();
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("true", accepted.Headers.GetValues("Durable").Single());
        var location = accepted.Headers.Location!;
        return location.IsAbsoluteUri ? location.AbsolutePath : location.ToString();
    }

    /// <summary>Waits for the response of a request; until it is written down, it is 202 that is said.</summary>
    public static async Task<string> KeptAsync(this HttpClient http, string path)
    {
        using var kept = await Eventually.IsThereAsync(
            async () => await http.GetAsync($"{path}/response") is { StatusCode: HttpStatusCode.OK } response ? response : null, "its response");
        return await kept.Content.ReadAsStringAsync();
    }
}
