using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Switchboard.Api.Rest;

/// <summary>Writes JSON responses: camelCase, ids as hex strings (seeds I6), times as RFC 3339, unknown values left out.</summary>
internal static class Json
{
    public static JsonContext Context => JsonContext.Default;

    public static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(value, type, cancellationToken: context.RequestAborted);
    }
}

/// <summary>Provides the serializers of all JSON responses, generated at build time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcceptedBody))]
[JsonSerializable(typeof(RequestBody))]
[JsonSerializable(typeof(RequestsBody))]
[JsonSerializable(typeof(AgentBody))]
[JsonSerializable(typeof(AgentsBody))]
[JsonSerializable(typeof(ClusterBody))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class JsonContext : JsonSerializerContext;
