using System.Net.Http.Headers;

namespace Switchboard.Api.Rest;

/// <summary>Interprets content types.</summary>
internal static class ContentTypes
{
    private const string Json = "application/json";

    /// <summary>Determines whether it is JSON in UTF-8 (RFC 8259, 8.1: JSON has no other encoding).</summary>
    public static bool IsJson(string? contentType)
    {
        if (string.Equals(contentType, Json, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (Is(type.MediaType, Json) || IsJsonBased(type.MediaType))
            && (type.CharSet is null || Is(type.CharSet.Trim('"'), "utf-8"));
    }

    /// <summary>Returns the detail of the refusal.</summary>
    public static string NotJson(string? contentType)
        => contentType is null
            ? $"There is no Content-Type; it must be {Json}."
            : $"The Content-Type is not {Json} in UTF-8.";

    // RFC 6839, 3.1.
    private static bool IsJsonBased(string? type)
        => type is not null && type.StartsWith("application/", StringComparison.OrdinalIgnoreCase)
            && type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    private static bool Is(string? a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
