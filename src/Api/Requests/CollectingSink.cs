using System.Buffers;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>The answer is longer than is kept.</summary>
internal sealed class AnswerTooLongException() : Exception("The answer is longer than is kept.");

/// <summary>Keeps an answer whole, up to a limit, for a caller that comes for it later.</summary>
internal sealed class CollectingSink(int maxBytes) : IAnswerSink
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<HeaderLine> _headers = [];
    private int _status = 200;

    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken)
    {
        _status = status;
        foreach (var (name, value) in first.Headers)
            _headers.Add(new HeaderLine { Name = name, Value = value });
        foreach (Header header in first.HeaderList)
            _headers.Add(new HeaderLine { Name = header.Name, Value = header.Value });
        return NextAsync(first, cancellationToken);
    }

    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        if (_body.WrittenCount + message.Body.Length > maxBytes)
            throw new AnswerTooLongException();
        _body.Write(message.Body.Span);
        return ValueTask.CompletedTask;
    }

    public void Abort()
    {
        // It takes everything at once, so nothing of it ever hangs.
    }

    public StoredAnswer ToAnswer() => new() { Status = _status, Headers = _headers.ToArray(), Body = _body.WrittenMemory.ToArray() };
}
