using System.Text;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>Limits the number of headers of a message, and their total length: the same for requests and for responses.</summary>
internal static class HeaderLimits
{
    public const int MaxHeaders = 256;
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>Returns what one header adds to the limited bytes.</summary>
    public static int BytesOf(string name, string value) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    /// <summary>Returns the problem of a number of headers; null if it is allowed.</summary>
    public static string? CountProblem(int count) =>
        count > MaxHeaders ? $"headers: there are {count}; at most {MaxHeaders} are allowed" : null;

    /// <summary>Returns the problem of a total length; null if it is allowed.</summary>
    public static string? BytesProblem(long bytes) =>
        bytes > MaxHeaderBytes ? $"headers are {bytes} bytes long together; at most {MaxHeaderBytes} are allowed" : null;

    /// <summary>Returns the problem of the headers of a response's message; null if there is none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="size">Its serialised length, in bytes.</param>
    public static string? Problem(AgentResponse message, int size)
    {
        if (CountProblem(message.Headers.Count + message.HeaderList.Count) is { } tooMany)
        {
            return tooMany;
        }
        // Usually everything but the body is short enough, and no header has to be enumerated.
        if (size - message.Body.Length <= MaxHeaderBytes)
        {
            return null;
        }

        long bytes = 0;
        foreach (var (name, value) in message.Headers)
        {
            bytes += BytesOf(name, value);
        }

        foreach (var header in message.HeaderList)
        {
            bytes += BytesOf(header.Name, header.Value);
        }

        return BytesProblem(bytes);
    }
}
