namespace Switchboard.Api.FrontDoors;

/// <summary>Winds down HTTP/1.1's connections while the front door stops.</summary>
internal static class ClosingConnections
{
    /// <summary>
    /// Adds the middleware, which says <c>Connection: close</c> from the beginning of the stop on, so that the caller's next request comes on
    /// another connection. Without that, one that is sent while Kestrel closes an idle connection is lost, and its caller cannot know whether
    /// it was processed (RFC 9112, section 9.5). HTTP/2 needs nothing: its GOAWAY names the last request that was processed.
    /// </summary>
    public static void UseClosingConnections(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use(next => context =>
        {
            if (drain.Stopping && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }

            return next(context);
        });
    }
}
