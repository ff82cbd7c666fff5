using Scalar.AspNetCore;

namespace Switchboard.Api.Rest;

/// <summary>
/// Serves <c>/docs</c>: a page to read and try the REST API with, generated from <c>/openapi/v1.json</c>. All its resources come from the
/// gateway, and its content security policy allows no other source.
/// </summary>
internal static class ReferencePage
{
    public const string Path = "/docs";

    // Scripts, styles and images are the page's own, some of them inline.
    private const string OnlyOurs =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "worker-src 'self' blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void MapReferencePage(this WebApplication app) => app
        .MapScalarApiReference(Path, static options => options
            .WithTitle("Switchboard")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton())
        .Add(static endpoint =>
        {
            var inner = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                context.Response.Headers.ContentSecurityPolicy = OnlyOurs;
                return inner(context);
            };
        });
}
