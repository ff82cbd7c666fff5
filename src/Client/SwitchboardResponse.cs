using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>Represents an agent's response, whose body is streamed. Disposing it cancels what has not been read.</summary>
public sealed class SwitchboardResponse : IDisposable
{
    private readonly AsyncServerStreamingCall<AgentResponse> _call;
    private readonly CancellationTokenSource _lifetime;
    private readonly ReadOnlyMemory<byte> _firstPart;
    private readonly bool _isEmpty;
    private int _reading;

    internal SwitchboardResponse(
        string requestId, AgentResponse? first, AsyncServerStreamingCall<AgentResponse> call, CancellationTokenSource lifetime)
    {
        _call = call;
        _lifetime = lifetime;
        _isEmpty = first is null;
        _firstPart = first?.Body.Memory ?? default;
        RequestId = requestId;
        // 0 means 200, and so does a response without any message.
        Status = first is null or { Status: 0 } ? 200 : (int)first.Status;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in first?.Headers ?? [])
        {
            headers[name] = value;
        }

        Headers = headers;
    }

    /// <summary>Gets the id that the gateway has assigned to the request; empty where it assigned none.</summary>
    public string RequestId { get; }

    /// <summary>Gets the HTTP status that the agent has set, from 200 to 599.</summary>
    public int Status { get; }

    /// <summary>Gets the headers that the agent has set. Names are compared without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>
    /// Gets the parts of the body as the agent sends them. It can be enumerated once, and enumerating throws
    /// <see cref="SwitchboardException"/> where the response breaks off. A caller that reads slowly slows the agent down.
    /// </summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> Body => ReadAsync();

    /// <summary>Reads the whole body into memory.</summary>
    /// <param name="maxBytes">The maximum length of the body, in bytes.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>The whole body.</returns>
    /// <exception cref="InvalidDataException">The body is longer than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">The body has been read before.</exception>
    /// <exception cref="SwitchboardException">The response broke off.</exception>
    public async Task<byte[]> ReadAllAsync(int maxBytes, CancellationToken cancellationToken = default)
    {
        var body = new ArrayBufferWriter<byte>();
        await foreach (var part in Body.WithCancellation(cancellationToken))
        {
            if (part.Length > maxBytes - body.WrittenCount)
            {
                throw new InvalidDataException($"The response is longer than {maxBytes} bytes.");
            }

            body.Write(part.Span);
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>Ends the call. Where the body has not been read to its end, the request is cancelled.</summary>
    public void Dispose()
    {
        _call.Dispose();
        _lifetime.Dispose();
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new InvalidOperationException("The body of a response can be read once.");
        }

        if (_isEmpty)
        {
            yield break;
        }

        if (!_firstPart.IsEmpty)
        {
            yield return _firstPart;
        }

        while (await NextAsync(cancellationToken))
        {
            var part = _call.ResponseStream.Current.Body.Memory;
            if (!part.IsEmpty)
            {
                yield return part;
            }
        }
    }

    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _call.ResponseStream.MoveNext(cancellationToken);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The response was given up.", error, cancellationToken);
        }
        catch (RpcException error)
        {
            throw SwitchboardException.From(error, RequestId);
        }
    }
}
