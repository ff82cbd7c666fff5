using System.Net;
using System.Text.RegularExpressions;
using Switchboard.Api.Rest;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary>The reference page of the REST API works where there is no internet.</summary>
public sealed partial class ReferencePageTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    [Fact]
    public async Task It_needs_nothing_from_elsewhere()
    {
        using var client = new HttpClient { BaseAddress = Host.Rest };
        using var page = await client.GetAsync(ReferencePage.Path).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Empty(External().Matches(html));

        // What the page names comes from here.
        var assets = Asset().Matches(html).Select(m => m.Groups["url"].Value).Distinct().ToList();
        Assert.Contains("scalar.js", assets);
        foreach (var asset in assets)
        {
            var url = asset.StartsWith("openapi/", StringComparison.Ordinal) ? new Uri(Host.Rest, asset) : new Uri(page.RequestMessage!.RequestUri!, asset);
            using var response = await client.GetAsync(url).DefaultTimeout();
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {response.StatusCode}");
        }

        // And whatever its scripts would like to ask for, its browser lets them ask us alone.
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
    }

    [GeneratedRegex("""(https?:)?//[a-z0-9-]+(\.[a-z0-9-]+)+""", RegexOptions.IgnoreCase)]
    private static partial Regex External();

    [GeneratedRegex("""(src="|href="|from '|"favicon":"|"url":")(?<url>[^"']+)""")]
    private static partial Regex Asset();
}
