using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Switchboard.V1;

namespace Switchboard.Api.Rest;

/// <summary>Defines which headers pass the gateway, in both directions.</summary>
internal static class HeaderRules
{
    // RFC 9110, 5.6.2 (token) and 5.5 (field value). What is beyond ASCII is written as UTF-8 (KestrelSetup).
    private static readonly SearchValues<char> _nameChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> _valueForbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(static c => c != '\t').Append(0x7f).Concat(Enumerable.Range(0x80, 0x20)).Select(static c => (char)c)]);

    // RFC 9110, 7.6.1: what concerns one connection only.
    private static readonly string[] _hopByHop =
    [
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    ];

    // The caller's credentials and preferences are for the gateway; the length is the message's own.
    private static readonly FrozenSet<string> _notToAgents = FrozenSet.ToFrozenSet(
        [.. _hopByHop, "Authorization", "Cookie", "Host", "Content-Length", "Expect", "Prefer", "HTTP2-Settings"],
        StringComparer.OrdinalIgnoreCase);

    // The response's length is not known before its end, its date and id are the gateway's, and so are applied preferences. The others
    // speak for the origin, which is the gateway's and every other agent's too: policies of the connection, and what browsers store and
    // report.
    private static readonly FrozenSet<string> _notToCallers = FrozenSet.ToFrozenSet(
        [
            .. _hopByHop, "Content-Length", "Date", Problems.RequestIdHeader, "Preference-Applied", "Durable",
            "Alt-Svc", "Strict-Transport-Security", "Public-Key-Pins", "Clear-Site-Data",
            "Service-Worker-Allowed", "Origin-Agent-Cluster", "Report-To", "Reporting-Endpoints", "NEL", "Expect-CT",
        ],
        StringComparer.OrdinalIgnoreCase);

    // CORS (Fetch standard, 3.3): which pages may read a response of this origin.
    private const string CorsPrefix = "Access-Control-";

    // One value each (RFC 9110): a second line would be read as a list, or either could be taken.
    private static readonly FrozenSet<string> _single = FrozenSet.ToFrozenSet(
        ["Content-Type", "Content-Range", "Content-Location", "ETag", "Last-Modified", "Location", "Expires", "Age", "Retry-After", "Server"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Returns the caller's headers that go to the agent: each name once in the map (repeated lines joined), repeated lines in the list
    /// too.
    /// </summary>
    public static (Dictionary<string, string> Headers, List<Header> HeaderList) ToAgent(IHeaderDictionary headers)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        List<Header> repeated = [];
        foreach (var (key, values) in headers)
        {
            if (key.Length == 0 || key[0] == ':' || _notToAgents.Contains(key) || IsNamedBy(headers.Connection, key))
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

    /// <summary>Sets the agent's headers that go to the caller; those that HTTP does not allow are dropped.</summary>
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

        // The list has the same names more exactly: it takes precedence over the map.
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
        if (!IsName(name) || value.AsSpan().ContainsAny(_valueForbidden) || !IsForCallers(name))
        {
            return;
        }

        if (_single.Contains(name))
        {
            target[name] = value;
        }
        else
        {
            target.Append(name, value);
        }
    }

    private static bool IsForCallers(string name)
        => !_notToCallers.Contains(name) && !name.StartsWith(CorsPrefix, StringComparison.OrdinalIgnoreCase);

    private static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(_nameChars);

    private static bool IsNamedBy(StringValues connection, string name)
        => connection.Count > 0 && connection
            .SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Contains(name, StringComparer.OrdinalIgnoreCase);
}
