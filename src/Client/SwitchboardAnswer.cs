using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client;

/// <summary>An agent's answer, whose body streams. Dispose it: that also gives up what has not been read.</summary>
public sealed class SwitchboardAnswer : IDisposable
{
    private readonly AsyncServerStreamingCall<AgentResponse> _call;
    private readonly CancellationTokenSource _lifetime;
    private readonly ReadOnlyMemory<byte> _first;
    private readonly bool _empty;
    private int _read;

    internal SwitchboardAnswer(
        string requestId, AgentResponse? first, AsyncServerStreamingCall<AgentResponse> call, CancellationTokenSource lifetime)
    {
        _call = call;
        _lifetime = lifetime;
        _empty = first is null;
        _first = first?.Body.Memory ?? default;
        RequestId = requestId;
        // 0 means 200, and so does an answer without any message (DESIGN.md, section 4).
        Status = first is null or { Status: 0 } ? 200 : (int)first.Status;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in first?.Headers ?? [])
        {
            headers[name] = value;
        }

        Headers = headers;
    }

    /// <summary>The gateway's id of the request; empty where the gateway gave none.</summary>
    public string RequestId { get; }

    /// <summary>The agent's HTTP-like status, 200 to 599.</summary>
    public int Status { get; }

    /// <summary>The agent's headers. Names are compared without case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body's parts as the agent sent them; can be read once. Reading slowly slows the agent down.</summary>
    /// <exception cref="SwitchboardException">While reading: the answer broke off.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> Body => ReadAsync();

    /// <summary>Reads the whole body into memory.</summary>
    /// <param name="longest">The most bytes to take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">The body is longer than that.</exception>
    /// <exception cref="SwitchboardException">The answer broke off.</exception>
    public async Task<byte[]> ReadAllAsync(int longest, CancellationToken cancellationToken = default)
    {
        var whole = new ArrayBufferWriter<byte>();
        await foreach (var part in Body.WithCancellation(cancellationToken))
        {
            if (part.Length > longest - whole.WrittenCount)
            {
                throw new InvalidDataException($"The answer is longer than {longest} bytes.");
            }

            whole.Write(part.Span);
        }

        return whole.WrittenSpan.ToArray();
    }

    /// <summary>Ends the call; what has not been read is given up and the agent is told.</summary>
    public void Dispose()
    {
        _call.Dispose();
        _lifetime.Dispose();
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _read, 1) != 0)
        {
            throw new InvalidOperationException("The body of an answer can be read once.");
        }

        if (_empty)
        {
            yield break;
        }

        if (!_first.IsEmpty)
        {
            yield return _first;
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
            throw new OperationCanceledException("The answer was given up.", error, cancellationToken);
        }
        catch (RpcException error)
        {
            throw SwitchboardException.From(error, RequestId);
        }
    }
}
