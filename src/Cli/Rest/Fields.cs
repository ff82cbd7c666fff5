using System.Text.Json;

namespace Switchboard.Cli.Rest;

/// <summary>Reads JSON fields that may be absent, because the gateway may be older or newer than this program.</summary>
internal static class Fields
{
    /// <summary>Returns a field as text, or <see langword="null"/>.</summary>
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field)
            ? field.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => field.GetString(),
                _ => field.GetRawText(),
            }
            : null;

    /// <summary>Returns a map of texts as <c>a=1,b=2</c>.</summary>
    public static string Pairs(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Object
            ? string.Join(",", field.EnumerateObject().Select(p => $"{p.Name}={p.Value}"))
            : "";

    /// <summary>Indents JSON.</summary>
    public static string Indented(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, _indented);
    }

    private static readonly JsonSerializerOptions _indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
