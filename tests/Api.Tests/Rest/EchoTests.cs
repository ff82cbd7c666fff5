using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Switchboard.Api.Tests.Harness;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary><c>POST /echo</c> over a real connection, with the real queue behind it.</summary>
public sealed class EchoTests : IAsyncLifetime
{
    private static readonly Uri _echo = new("/echo", UriKind.Relative);
    private RestHost _host = null!;

    public async Task InitializeAsync() => _host = await RestHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"kind":"create","message":"hi"}""", "SUCCESS create \"hi\"")]
    [InlineData("""{"kind":"delete","message":"a\"b\n\u00fc\ud83d\ude00"}""", "SUCCESS delete \"a\\\"b\\nü😀\"")]
    [InlineData("""{"message":"","kind":"create"}""", "SUCCESS create \"\"")]
    [InlineData(""" {"kind":"create"} """, "SUCCESS create \"\"")]
    public async Task Applies_and_quotes_as_Go_does(string body, string reply)
    {
        using var response = await _host.Client.PostAsync(_echo, Calls.Json(body)).DefaultTimeout();

        Assert.Equal(reply, await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Matches("^[0-9a-f]{16}$", response.Headers.GetValues("Request-Id").Single());
    }

    /// <summary>
    /// H1, H2, H3, H11, A4: whatever is not in the grammar is 400 with words that name it, at once; never 200, never 500.
    /// </summary>
    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("nul", "JSON")]
    [InlineData("[]", "array")]
    [InlineData("""{"kind":"update","message":"x"}""", "kind")]
    [InlineData("""{"message":"x"}""", "kind")]
    [InlineData("""{"kind":1}""", "kind")]
    [InlineData("""{"Kind":"create"}""", "Kind")]
    [InlineData("""{"kind":"create","message":"a","message":"b"}""", "twice")]
    [InlineData("""{"kind":"create","x":1}""", "x")]
    [InlineData("""{"kind":"create"}x""", "")]
    [InlineData("""{"kind":"create"}{"kind":"create"}""", "")]
    [InlineData("""["create","x"]""", "array")]
    public async Task Refuses_what_is_not_in_the_grammar(string body, string names)
    {
        using var response = await _host.Client.PostAsync(_echo, Calls.Json(body)).DefaultTimeout();

        var problem = await response.ProblemAsync(HttpStatusCode.BadRequest, "bad-request");
        Assert.Contains(names, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("serde", problem.GetRawText(), StringComparison.Ordinal);
        Assert.False(problem.GetProperty("sent").GetBoolean());
    }

    /// <summary>H1: what is not JSON by its type is 415, whatever is in it.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonx")]
    public async Task Refuses_other_content_types(string? type)
    {
        using var content = new ByteArrayContent("""{"kind":"create"}"""u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

        using var response = await _host.Client.PostAsync(_echo, content).DefaultTimeout();

        await response.ProblemAsync(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON; charset=\"UTF-8\"")]
    [InlineData("application/vnd.echo+json")]
    public async Task Takes_every_way_to_say_json(string type)
    {
        using var content = new ByteArrayContent("""{"kind":"create"}"""u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        Assert.Equal("SUCCESS create \"\"", await _host.Client.PostAsync(_echo, content).TextAsync());
    }

    /// <summary>H2: another method is 405 and says which one works; an unknown path is 404.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Refuses_other_methods(string method)
    {
        using var response = await _host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), _echo)).DefaultTimeout();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
        if (method != "HEAD")
        {
            await response.ProblemAsync(HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        }
    }

    /// <summary>H4: 1.5 MiB pass, one byte more is 413, whether the length is said or the body comes in chunks.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Bodies_have_a_limit(int above, bool chunked)
    {
        const string Frame = """{"kind":"create","message":""}""";
        var message = new string('a', 1_572_864 - Frame.Length + above);
        using var request = new HttpRequestMessage(HttpMethod.Post, _echo);
        request.Content = Calls.Json($$"""{"kind":"create","message":"{{message}}"}""");
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await _host.Client.SendAsync(request).DefaultTimeout();

        if (above == 0)
        {
            Assert.Equal($"SUCCESS create \"{message}\"", await response.Content.ReadAsStringAsync());
        }
        else
        {
            await response.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, "too-large");
        }
    }

    /// <summary>H4: it is refused by its head, before any of it is there to be held.</summary>
    [Fact]
    public async Task A_body_that_is_announced_too_long_is_refused_before_it_comes()
    {
        using var raw = await RawConnection.OpenAsync(_host.Rest);

        await raw.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1572865\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413", await raw.ReadUntilAsync("too-large"), StringComparison.Ordinal);
    }

    /// <summary>H4: in chunks it is refused as soon as it is too long, though its end has not come.</summary>
    [Fact]
    public async Task Chunks_are_refused_when_they_are_too_many()
    {
        using var raw = await RawConnection.OpenAsync(_host.Rest);
        var chunk = Encoding.ASCII.GetBytes($"{100_000:x}\r\n{new string('a', 100_000)}\r\n");

        await raw.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var sent = 0; sent <= 1_572_864; sent += 100_000)
        {
            await raw.SendAsync(chunk);
        }

        Assert.StartsWith("HTTP/1.1 413", await raw.ReadUntilAsync("too-large"), StringComparison.Ordinal);
    }

    /// <summary>H12: at the level that programs run at, nothing is logged for a request, good or bad.</summary>
    [Fact]
    public async Task Logs_nothing_for_a_request()
    {
        await _host.EchoAsync("warm").TextAsync();
        var before = _host.Log.Count;

        await _host.EchoAsync("hi").TextAsync();
        await _host.Client.PostAsync(_echo, Calls.Json("x")).TextAsync(HttpStatusCode.BadRequest);

        Assert.Equal(before, _host.Log.Count);
    }

    /// <summary>N1, N2, T1: many at once, each gets its own reply, no two the same id, and nothing is left.</summary>
    [Fact]
    public async Task Sixty_four_callers_get_their_own_replies()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
        {
            List<string> own = [];
            for (var i = 0; i < 20; i++)
            {
                using var response = await _host.EchoAsync($"{caller}-{i}").DefaultTimeout();
                Assert.Equal($"SUCCESS create \"{caller}-{i}\"", await response.Content.ReadAsStringAsync());
                own.Add(response.Headers.GetValues("Request-Id").Single());
            }

            return own;
        }));

        Assert.Equal(64 * 20, ids.SelectMany(static i => i).Distinct().Count());
        Assert.Equal(0, await _host.MetricAsync("switchboard_requests_pending"));
    }
}
