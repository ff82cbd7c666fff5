using System.Text;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>How many headers a message may have, and how long together: the same for what callers ask and for what agents answer.</summary>
internal static class HeaderLimits
{
    public const int MaxHeaders = 256;
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>What one header adds to the bytes that are limited.</summary>
    public static int BytesOf(string name, string value) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    /// <summary>Null: so many may be there.</summary>
    public static string? CountProblem(int count) =>
        count > MaxHeaders ? $"headers: there are {count}; at most {MaxHeaders} are allowed" : null;

    /// <summary>Null: they may be so long together.</summary>
    public static string? BytesProblem(long bytes) =>
        bytes > MaxHeaderBytes ? $"headers are {bytes} bytes long together; at most {MaxHeaderBytes} are allowed" : null;

    /// <summary>Null: nothing is wrong with the headers of a message of an answer.</summary>
    /// <param name="message">The message.</param>
    /// <param name="size">Its length as serialised, in bytes.</param>
    public static string? Problem(AgentResponse message, int size)
    {
        if (CountProblem(message.Headers.Count + message.HeaderList.Count) is { } tooMany)
            return tooMany;
        // Nearly always all that is no body is short enough, and nothing needs to be walked through.
        if (size - message.Body.Length <= MaxHeaderBytes)
            return null;
        long bytes = 0;
        foreach (var (name, value) in message.Headers)
            bytes += BytesOf(name, value);
        foreach (Header header in message.HeaderList)
            bytes += BytesOf(header.Name, header.Value);
        return BytesProblem(bytes);
    }
}
