namespace Grpc.Framing;

/// <summary>Exceptions as a status text.</summary>
internal static class ExceptionText
{
    /// <summary>Type and message of the exception and of all inside it: a status has no inner exception.</summary>
    public static string Describe(this Exception error)
    {
        var text = $"{error.GetType().Name}: {error.Message}";
        return error.InnerException is null ? text : text + " " + error.InnerException.Describe();
    }
}
