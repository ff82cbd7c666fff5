namespace Switchboard.Core.Echo;

/// <summary>Represents a command of <c>POST /echo</c>, as docs/echo.md defines it.</summary>
public sealed record EchoCommand
{
    /// <summary>The kind <c>create</c>.</summary>
    public const string Create = "create";

    /// <summary>The kind <c>delete</c>.</summary>
    public const string Delete = "delete";

    /// <summary><see cref="Create"/> or <see cref="Delete"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The text; empty where none was given.</summary>
    public required string Message { get; init; }
}
