using Google.Protobuf;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Requests;
using Switchboard.Core.Admission;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Durable;

/// <summary>The exception that ends a response that cannot be kept.</summary>
internal sealed class ResponseNotKeptException(Verdict verdict, string detail) : Exception(detail)
{
    /// <summary>The verdict of the request.</summary>
    public Verdict Verdict { get; } = verdict;
}

/// <summary>Collects a whole response, up to a limit, for a caller that reads it later.</summary>
/// <param name="maxBytes">The maximum length of the body, in bytes.</param>
/// <param name="budget">Holds the bytes of the messages, and of the body that is made of them, until <see cref="Dispose"/>.</param>
internal sealed class CollectingSink(int maxBytes, ByteBudget budget) : IResponseSink, IDisposable
{
    private readonly List<ByteString> _body = [];
    private readonly List<HeaderLine> _headers = [];
    private int _length;
    private int _status = 200;
    private long _held;

    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken)
    {
        _status = status;
        foreach (var (name, value) in first.Headers)
        {
            _headers.Add(new HeaderLine { Name = name, Value = value });
        }

        foreach (var header in first.HeaderList)
        {
            _headers.Add(new HeaderLine { Name = header.Name, Value = header.Value });
        }

        Hold(_headers.Sum(static line => MessageCost.Header + (sizeof(char) * (line.Name.Length + line.Value.Length))));
        return NextAsync(first, cancellationToken);
    }

    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        if (_length + message.Body.Length > maxBytes)
        {
            throw new ResponseNotKeptException(Verdict.TooLarge, "the answer is longer than is kept");
        }

        if (message.Body.IsEmpty)
        {
            return ValueTask.CompletedTask;
        }

        Hold(MessageCost.Message + (2L * message.Body.Length));
        _body.Add(message.Body);
        _length += message.Body.Length;
        return ValueTask.CompletedTask;
    }

    public void Abort()
    {
        // Nothing to cut: no write to this sink can hang.
    }

    public StoredResponse ToResponse()
    {
        var body = new byte[_length];
        var at = 0;
        foreach (var part in _body)
        {
            part.CopyTo(body, at);
            at += part.Length;
        }
        return new() { Status = _status, Headers = _headers.ToArray(), Body = body };
    }

    public void Dispose()
    {
        budget.Release(_held);
        _held = 0;
    }

    private void Hold(long bytes)
    {
        if (!budget.TryAcquire(bytes))
        {
            throw new ResponseNotKeptException(Verdict.AnswerNotKept, "the front door holds as many bytes as it may");
        }

        _held += bytes;
    }
}
