using Microsoft.OpenApi;
using Switchboard.Api.Errors;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Http;

/// <summary>What <c>/openapi/v1.json</c> says of one route: its parameters, what it answers, and the reasons of its problems.</summary>
internal sealed record Description(string Tag, string Id, string Summary)
{
    private const string ProblemType = Errors.Problems.ContentType;

    /// <summary>More words, in Markdown.</summary>
    public string Text { get; init; } = "";

    /// <summary>Parameters: where, name, words.</summary>
    public IReadOnlyList<(ParameterLocation In, string Name, string Text)> Parameters { get; init; } = [];

    /// <summary>Content type of the request's body, and words about it.</summary>
    public (string ContentType, string Text)? Body { get; init; }

    /// <summary>Answers that are no problems: status, type (null: none, or any), content type, words.</summary>
    public IReadOnlyList<(int Status, Type? Type, string ContentType, string Text)> Answers { get; init; } = [];

    /// <summary>Verdicts that a problem may tell.</summary>
    public IReadOnlyList<Verdict> Problems { get; init; } = [];

    public void AddTo(IEndpointConventionBuilder route, RequestDelegate handler)
    {
        // The describer looks for a method; a bare delegate has none by itself. `Accepts` is not used: it would change the routing.
        route.WithMetadata(handler.Method);
        foreach (var (status, type, contentType, _) in Answers)
        {
            route.WithMetadata(new ProducesResponseTypeMetadata(status, type, contentType.Length == 0 ? null : [contentType]));
        }

        foreach (var status in ProblemsByStatus().Select(static g => g.Key))
        {
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [ProblemType]));
        }

        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            Describe(operation);
            return Task.CompletedTask;
        });
    }

    private void Describe(OpenApiOperation operation)
    {
        operation.OperationId = Id;
        operation.Tags = new HashSet<OpenApiTagReference> { new(Tag) };
        operation.Summary = Summary;
        operation.Description = Text.Length == 0 ? null : Text;
        operation.Parameters = [.. Parameters.Select(static p => new OpenApiParameter
        {
            Name = p.Name,
            In = p.In,
            Description = p.Text,
            Required = p.In == ParameterLocation.Path,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        })];
        if (Body is { } body)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = body.Text,
                Content = new Dictionary<string, OpenApiMediaType> { [body.ContentType] = new OpenApiMediaType() },
            };
        }

        foreach (var (status, _, _, text) in Answers)
        {
            Say(operation, status, text);
        }

        foreach (var group in ProblemsByStatus())
        {
            Say(operation, group.Key, string.Join(" ", group.Select(static i => $"`{i.Reason}`: {i.Title}")));
        }
    }

    private static void Say(OpenApiOperation operation, int status, string text)
    {
        if (operation.Responses?.TryGetValue($"{status}", out var response) == true)
        {
            response.Description = text;
        }
    }

    private IEnumerable<IGrouping<int, VerdictInfo>> ProblemsByStatus()
        => Problems.Select(VerdictTable.Get).GroupBy(static i => i.HttpStatus);
}
