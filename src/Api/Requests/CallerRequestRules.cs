using System.Buffers;

namespace Switchboard.Api.Requests;

/// <summary>Validates a caller's request, over REST or gRPC. Each problem names the field and the limit.</summary>
internal static class CallerRequestRules
{
    public const int MaxMethodLength = 256;
    public const int MaxCallerIdLength = 255;
    public const int MaxHeaderNameLength = 256;
    public const int MaxTargetLength = 8 * 1024;

    // CR, LF and their like would end a header line early wherever an agent passes it on as HTTP.
    private static readonly SearchValues<char> _control = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Append(0x7f).Select(c => (char)c)]);

    private static readonly SearchValues<char> _nameForbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x21).Append(0x7f).Select(c => (char)c), ':']);

    /// <summary>Returns the problem; null if there is none.</summary>
    public static string? Problem(CallerRequest request, RequestOptions options) =>
        Text("method", request.Method, MaxMethodLength)
        ?? Text("id", request.CallerId ?? "", MaxCallerIdLength)
        ?? Text("http.target", request.Http?.Target ?? "", MaxTargetLength)
        ?? Text("http.method", request.Http?.Method ?? "", MaxMethodLength)
        ?? Timeout(request.Timeout, options)
        ?? Headers(request);

    private static string? Text(string field, string value, int limit)
    {
        if (value.Length > limit)
        {
            return $"{field} is {value.Length} characters long; at most {limit} are allowed";
        }

        return value.AsSpan().ContainsAny(_control) ? $"{field} contains a control character" : null;
    }

    private static string? Timeout(TimeSpan? timeout, RequestOptions options)
    {
        if (timeout is not { } asked)
        {
            return null;
        }

        if (asked <= TimeSpan.Zero)
        {
            return "timeout must be more than zero";
        }

        return asked > options.MaxTimeout ? $"timeout is {asked.TotalSeconds} s; at most {options.MaxTimeout.TotalSeconds} s are allowed" : null;
    }

    private static string? Headers(CallerRequest request)
    {
        var count = request.Headers.Count + request.HeaderList.Count;
        if (count == 0)
        {
            return null;
        }

        if (HeaderLimits.CountProblem(count) is { } tooMany)
        {
            return tooMany;
        }

        long bytes = 0;
        foreach (var (name, value) in request.Headers)
        {
            if (Header("headers", name, value, ref bytes) is { } problem)
            {
                return problem;
            }
        }
        foreach (var header in request.HeaderList)
        {
            if (Header("header_list", header.Name, header.Value, ref bytes) is { } problem)
            {
                return problem;
            }
        }
        return HeaderLimits.BytesProblem(bytes);
    }

    private static string? Header(string field, string name, string value, ref long bytes)
    {
        if (name.Length is 0 or > MaxHeaderNameLength)
        {
            return $"{field}: a name must be 1 to {MaxHeaderNameLength} characters long";
        }

        if (name.AsSpan().ContainsAny(_nameForbidden))
        {
            return $"{field}: a name contains a space, a colon or a control character";
        }

        if (value.AsSpan().ContainsAny(_control))
        {
            return $"{field}: the value of {name} contains a control character";
        }

        bytes += HeaderLimits.BytesOf(name, value);
        return null;
    }
}
