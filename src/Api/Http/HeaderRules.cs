using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Switchboard.Api.Errors;
using Switchboard.V1;

namespace Switchboard.Api.Http;

/// <summary>Which headers go through the gateway, in both directions.</summary>
internal static class HeaderRules
{
    // RFC 9110, 5.6.2 (token) and 5.5 (field value). What is beyond ASCII is written as UTF-8 (KestrelSetup).
    private static readonly SearchValues<char> NameChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ValueForbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(static c => c != '\t').Append(0x7f).Concat(Enumerable.Range(0x80, 0x20)).Select(static c => (char)c)]);

    // RFC 9110, 7.6.1: what concerns one connection only.
    private static readonly string[] HopByHop =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    ];

    // The caller's proof of who it is was for the gateway, and so was what it prefers of it; the length is the message's own.
    private static readonly FrozenSet<string> NotToAgents = FrozenSet.ToFrozenSet(
        [.. HopByHop, "Authorization", "Cookie", "Host", "Content-Length", "Expect", "Prefer", "HTTP2-Settings"],
        StringComparer.OrdinalIgnoreCase);

    // The answer's length is not known before its end, its date and id are the gateway's, and so is what it did with the caller's
    // preferences. The rest speaks for the origin, which is the gateway's and every other agent's too: policies of the connection,
    // and what browsers store and report.
    private static readonly FrozenSet<string> NotToCallers = FrozenSet.ToFrozenSet(
        [
            .. HopByHop, "Content-Length", "Date", Problems.RequestIdHeader, "Preference-Applied", "Durable",
            "Alt-Svc", "Strict-Transport-Security", "Public-Key-Pins", "Clear-Site-Data",
            "Service-Worker-Allowed", "Origin-Agent-Cluster", "Report-To", "Reporting-Endpoints", "NEL", "Expect-CT",
        ],
        StringComparer.OrdinalIgnoreCase);

    // CORS (Fetch standard, 3.3): which pages may read an answer of this origin.
    private const string CorsPrefix = "Access-Control-";

    // One value each (RFC 9110): a second line would be read as a list, or taken for either.
    private static readonly FrozenSet<string> Single = FrozenSet.ToFrozenSet(
        ["Content-Type", "Content-Range", "Content-Location", "ETag", "Last-Modified", "Location", "Expires", "Age", "Retry-After", "Server"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What of a caller's headers goes to the agent: each name once in the map (repeated lines joined), repeated lines in the list too.
    /// </summary>
    public static (Dictionary<string, string> Headers, List<Header> HeaderList) ToAgent(IHeaderDictionary headers)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        List<Header> repeated = [];
        foreach (var (key, values) in headers)
        {
            if (key.Length == 0 || key[0] == ':' || NotToAgents.Contains(key) || IsNamedBy(headers.Connection, key))
            {
                continue;
            }

            var name = key.ToLowerInvariant();
            named[name] = values.Count == 1 ? values[0] ?? "" : string.Join(", ", values.AsEnumerable());
            if (values.Count > 1)
            {
                repeated.AddRange(values.Select(value => new Header { Name = name, Value = value ?? "" }));
            }
        }

        return (named, repeated);
    }

    /// <summary>Sets what of an agent's headers goes to the caller; what HTTP does not allow is dropped.</summary>
    public static void ToCaller(AgentResponse first, IHeaderDictionary target)
    {
        foreach (var (name, value) in first.Headers)
        {
            Add(target, name, value);
        }

        if (first.HeaderList.Count == 0)
        {
            return;
        }

        // The list says the same names more exactly: it wins over the map.
        foreach (var group in first.HeaderList.GroupBy(static h => h.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (!IsForCallers(group.Key))
            {
                continue;
            }

            target.Remove(group.Key);
            foreach (var header in group)
            {
                Add(target, header.Name, header.Value);
            }
        }
    }

    /// <summary>Sets one header for a caller, unless it must not go there.</summary>
    public static void Add(IHeaderDictionary target, string name, string value)
    {
        if (!IsName(name) || value.AsSpan().ContainsAny(ValueForbidden) || !IsForCallers(name))
        {
            return;
        }

        if (Single.Contains(name))
        {
            target[name] = value;
        }
        else
        {
            target.Append(name, value);
        }
    }

    private static bool IsForCallers(string name)
        => !NotToCallers.Contains(name) && !name.StartsWith(CorsPrefix, StringComparison.OrdinalIgnoreCase);

    private static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameChars);

    private static bool IsNamedBy(StringValues connection, string name)
        => connection.Count > 0 && connection
            .SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Contains(name, StringComparer.OrdinalIgnoreCase);
}
