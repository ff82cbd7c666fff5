using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Switchboard.TestSupport;

namespace Switchboard.Scenarios.BadInput;

/// <summary>Every REST route, with what no honest client sends. Each gets a clear error, and the next call is served.</summary>
public sealed class RestBadInputTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Http = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    private const string Json = """{"kind":"create","message":"hi"}""";

    private GatewayHost Host => fixture.Host;

    [Fact]
    public void Every_route_has_a_row() =>
        Assert.Equal(
            BadRoutes.Mapped(Host).Order(StringComparer.Ordinal),
            BadRoutes.All.Select(r => r.ToString()).Append(BadRoutes.LargeFile).Concat(BadRoutes.Rpcs.Concat(BadRoutes.SideRpcs).Select(r => $"POST {r}")).Order(StringComparer.Ordinal));

    /// <summary>Texts that are no id, no number and no name: refused as that, by the gateway's own problem.</summary>
    [Fact]
    public async Task Hostile_texts()
    {
        string[] texts =
        [
            new('x', 129), new('9', 2000), "-1", "%01", "%0d%0aX-Injected:%20yes", "%7f", "%ff%fe", "%c0%af", "%F0%9F%98%80",
            "..%2f..%2fetc", "%25%30%30", "a%20b",
        ];
        foreach (var route in BadRoutes.All)
        {
            foreach (var text in texts)
            {
                var response = await RawResponse.SendAsync(Host, route, route.Target(text));
                response.Is(route, text, route.Status);
                Assert.DoesNotContain("X-Injected:", response.Head, StringComparison.Ordinal);
            }
        }

        // Kestrel takes no NUL in a path, whatever the route.
        foreach (var route in BadRoutes.All.Where(r => r.Hostile.Contains("/{0}", StringComparison.Ordinal)))
        {
            (await RawResponse.SendAsync(Host, route, route.Target("a%00"))).Is(route, "NUL", 400);
        }

        await RawResponse.AssertServesAsync(Host);
    }

    /// <summary>A parameter that a route does not have is refused by its name, but where others' programs add their own.</summary>
    [Fact]
    public async Task Misspelt_parameters()
    {
        string[] any = ["/health", "/metrics", "/openapi", "/docs"];
        foreach (var route in BadRoutes.All.Where(r => !any.Any(a => r.Pattern.StartsWith(a, StringComparison.Ordinal))))
        {
            var path = route.Hostile.Split('?')[0].Replace("{0}", "a", StringComparison.Ordinal);
            var response = await RawResponse.SendAsync(Host, route, $"{path}?nonsense=1");
            response.Is(route, "nonsense", 400);
            Assert.Contains("There is no parameter 'nonsense' here", response.Text, StringComparison.Ordinal);
        }

        await RawResponse.AssertServesAsync(Host);
    }

    /// <summary>What breaks the rules of HTTP is refused before any route.</summary>
    [Fact]
    public async Task Broken_heads()
    {
        foreach (var route in BadRoutes.All)
        {
            var line = $"{route.Method} {route.Target("a")}";

            // Routes of the framework's and the reference page's, without a refusal of their own.
            var framework = route.Pattern.StartsWith("/openapi", StringComparison.Ordinal) || route.Pattern.StartsWith("/docs", StringComparison.Ordinal);
            var otherMethod = framework ? 404 : 405;
            (string What, string Text, int Status)[] heads =
            [
                ("a control character in the path", $"{route.Method} /\u0001{route.Target("a")} {Http}\r\n", 404),
                ("a byte in the path that is no ASCII", $"{route.Method} /\u00ff{route.Target("a")} {Http}\r\n", 400),
                ("a target without end", $"{line}{new string('a', 20_000)} {Http}\r\n", 414),
                ("a thousand headers", $"{line} {Http}{Headers(1000)}\r\n", 431),
                ("a header without end", $"{line} {Http}X: {new string('a', 60_000)}\r\n\r\n", 431),
                ("NUL in a header", $"{line} {Http}X: a\0b\r\n\r\n", 400),
                ("a header that is no UTF-8", $"{line} {Http}X: \u00ff\u00fe\r\n\r\n", 400),
                ("a space in a header's name", $"{line} {Http}X Y: a\r\n\r\n", 400),
                ("a header without a colon", $"{line} {Http}nonsense\r\n\r\n", 400),
                ("no host", $"{line} HTTP/1.1\r\n\r\n", 400),
                ("two hosts", $"{line} {Http}Host: y\r\n\r\n", 400),
                ("a version that is none", $"{line} HTTP/7.3\r\nHost: x\r\n\r\n", 505),
                ("no length that is one", $"{line} {Http}Content-Length: abc\r\n\r\n", 400),
                ("a length below zero", $"{line} {Http}Content-Length: -5\r\n\r\n", 400),
                ("two lengths", $"{line} {Http}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
                ("an encoding that is none", $"{line} {Http}Transfer-Encoding: shredded\r\n\r\n", 400),
                ("cut in the middle", $"{line} {Http}X-Cut: ", RawResponse.None),
                ("another method", $"BREW {route.Target("a")} {Http}Content-Length: 0\r\n\r\n", otherMethod),
            ];
            foreach (var (what, text, status) in heads)
            {
                (await RawResponse.ExchangeAsync(Host, text, cut: what.Contains("cut", StringComparison.Ordinal))).Is(route, what, status);
            }
        }

        await RawResponse.AssertServesAsync(Host);
    }

    [Fact]
    public async Task Broken_bodies()
    {
        foreach (var route in BadRoutes.All.Where(r => r.ReadsBody))
        {
            var head = $"{route.Method} {route.Target("nobody")} {Http}Content-Type: application/json\r\n";
            (string What, string Text, int Status)[] bodies =
            [
                ("cut", $"{head}Content-Length: 100\r\n\r\n{{\"kind\":", RawResponse.None),
                ("a chunk without a size", $"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", 400),
                ("a chunk longer than any", $"{head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello", 400),
                ("a chunk that is cut", $"{head}Transfer-Encoding: chunked\r\n\r\n10\r\nhello", RawResponse.None),
                ("longer than is allowed", $"{head}Content-Length: 999999999999\r\n\r\n", 413),
            ];
            foreach (var (what, text, status) in bodies)
            {
                (await RawResponse.ExchangeAsync(Host, text, cut: what.Contains("cut", StringComparison.Ordinal))).Is(route, what, status);
            }
        }

        await RawResponse.AssertServesAsync(Host);
    }

    [Theory]
    [InlineData("text/plain", Json, 415)]
    [InlineData("application/json; charset=utf-16", Json, 415)]
    [InlineData("application/json", "", 400)]
    [InlineData("application/json", "[1,2,3]", 400)]
    [InlineData("application/json", """{"kind":1,"message":2}""", 400)]
    [InlineData("application/json", "{\"kind\":\"create\",\"message\":\"\u00ff\u00fe\"}", 400)]
    [InlineData("application/json", """{"kind":"create","message":""", 400)]
    public async Task Echo_and_what_is_no_command(string contentType, string body, int status)
    {
        var echo = BadRoutes.Echo;
        (await RawResponse.SendAsync(Host, echo, "/echo", body, $"Content-Type: {contentType}\r\n")).Is(echo, body, status);
        (await RawResponse.SendAsync(Host, echo, "/echo", new string('[', 100_000))).Is(echo, "a hundred thousand brackets", 400);
        await RawResponse.AssertServesAsync(Host);
    }

    [Theory]
    [InlineData("?ttl=-1", "")]
    [InlineData("?ttl=9999999999999999999999", "")]
    [InlineData("?ttl=%01", "")]
    [InlineData("?method=%0d%0a", "")]
    [InlineData("?method=long", "")]
    [InlineData("", "Prefer: wait=x\r\n")]
    [InlineData("", "Prefer: wait=-1\r\n")]
    [InlineData("", "Prefer: wait=99999999999999\r\n")]
    [InlineData("", "Prefer: wait=86400\r\n")]
    [InlineData("", "Idempotency-Key: long\r\n")]
    [InlineData("?connect-wait=x", "")]
    [InlineData("?connect-wait=99999999999999999999", "")]
    public async Task A_request_and_what_is_no_term_of_it(string query, string header)
    {
        query = query.Replace("long", new string('x', 300), StringComparison.Ordinal);
        header = header.Replace("long", new string('x', 300), StringComparison.Ordinal);
        var response = await RawResponse.SendAsync(Host, BadRoutes.Requests, $"/v1/agents/nobody/requests{query}", "hi", header);
        response.Is(BadRoutes.Requests, query + header, 400);
        await RawResponse.AssertServesAsync(Host);
    }

    /// <summary>Kestrel finds the end in the read, and must not read on: that it cannot was a warning with a stack, each time.</summary>
    [Fact]
    public async Task Bodies_cut_short_of_their_length()
    {
        await using var host = await GatewayHost.StartAsync(configure: services => services.AddLogging(
            logging => logging.AddFilter<FakeLoggerProvider>("Microsoft.AspNetCore", LogLevel.Warning)));
        var held = host.Limits.Bytes;
        foreach (var route in BadRoutes.All.Where(r => r.ReadsBody))
        {
            for (var i = 0; i < 20; i++)
            {
                using var raw = await RawConnection.OpenAsync(host.Rest);
                var head = $"{route.Method} {route.Target("nobody")} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
                await raw.SendAsync($"{head}Content-Length: 100000\r\n\r\n{{");

                // Until it waits for more: only then a read is under way that the end finds.
                await Eventually.IsThereAsync(
                    async () =>
                    {
                        await raw.SendAsync("x");
                        return held.Acquired > 0 ? held : null;
                    },
                    "the body's bytes in the books");
                if (i % 2 == 0)
                {
                    raw.Finish();
                    await raw.ReadToEndAsync();
                }

                raw.Dispose();
                await Eventually.IsTrueAsync(() => held.Acquired == 0, () => "its bytes are still held");
            }
        }

        await RawResponse.AssertServesAsync(host);
    }

    /// <summary>64 MiB of zeros in 64 KiB. /echo reads no packed body; a request's goes to its agent as it is.</summary>
    [Fact]
    public async Task A_bomb_is_unpacked_by_nobody()
    {
        const string Header = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
        var bomb = Encoding.Latin1.GetString(Packed.Zeros(64 * 1024 * 1024));
        await using var agent = await TestAgent.ConnectAsync(Host, "bombed");
        foreach (var route in BadRoutes.All)
        {
            var status = route.Pattern == "/echo" ? 415 : route.StatusOfA;
            (await RawResponse.SendAsync(Host, route, route.Target("a"), bomb, Header)).Is(route, "a bomb", status);
        }

        var sending = RawResponse.SendAsync(Host, BadRoutes.Requests, "/v1/agents/bombed/requests", bomb, Header);
        var request = await agent.NextRequestAsync();
        Assert.Equal(bomb, Encoding.Latin1.GetString(request.Body.Span));
        Assert.Equal("gzip", request.Headers["content-encoding"]);
        await agent.RespondAsync(request.Id);
        (await sending).Is(BadRoutes.Requests, "a bomb", 200);
        await RawResponse.AssertServesAsync(Host);
    }

    private static string Headers(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"X-{i}: {i}\r\n")));
}
