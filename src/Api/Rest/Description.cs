using Microsoft.OpenApi;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Rest;

/// <summary>Describes one route for <c>/openapi/v1.json</c>: its parameters, its responses, and the reasons of its problems.</summary>
internal sealed record Description(string Tag, string Id, string Summary)
{
    private const string ProblemType = Rest.Problems.ContentType;

    /// <summary>The description, in Markdown.</summary>
    public string Text { get; init; } = "";

    /// <summary>Parameters: location, name, description.</summary>
    public IReadOnlyList<(ParameterLocation In, string Name, string Text)> Parameters { get; init; } = [];

    /// <summary>The query parameter that may be given more than once.</summary>
    public string Repeatable { get; init; } = "";

    /// <summary>Whether the query is not checked: programs that probe and scrape add parameters of their own.</summary>
    public bool AnyQuery { get; init; }

    /// <summary>The content type of the request's body, and its description.</summary>
    public (string ContentType, string Text)? Body { get; init; }

    /// <summary>Responses that are no problems: status, type (null: none, or any), content type, description.</summary>
    public IReadOnlyList<(int Status, Type? Type, string ContentType, string Text)> Responses { get; init; } = [];

    /// <summary>The verdicts that a problem may have.</summary>
    public IReadOnlyList<Verdict> Problems { get; init; } = [];

    /// <summary>
    /// Calls the handler only if the query has no parameter that is not described, and none twice: otherwise <c>bad-request</c>, which
    /// names it.
    /// </summary>
    public RequestDelegate CheckQuery(RequestDelegate handler, RequestIds ids)
    {
        if (AnyQuery)
        {
            return handler;
        }

        string[] known = [.. Parameters.Where(static p => p.In == ParameterLocation.Query).Select(static p => p.Name)];
        return context => context.Request.QueryString.HasValue && QueryRules.Problem(context.Request.Query, known, Repeatable) is { } problem
            ? Rest.Problems.WriteAsync(context, Verdict.BadRequest, problem, sent: false, ids.Next())
            : handler(context);
    }

    public void AddTo(IEndpointConventionBuilder route, RequestDelegate handler)
    {
        // The API explorer requires a method, which a bare delegate does not have. `Accepts` is not used: it would change the routing.
        route.WithMetadata(handler.Method);
        foreach (var (status, type, contentType, _) in Responses)
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

        foreach (var (status, _, _, text) in Responses)
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
