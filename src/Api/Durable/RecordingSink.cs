using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Switchboard.Abstractions.Durable;
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
    /// <summary>The verdict of the attempt.</summary>
    public Verdict Verdict { get; } = verdict;
}

/// <summary>
/// Writes the response to one attempt into the log as it comes in, in parts, and the request's end with the last of them. The agent is read
/// no faster than the storage takes the parts, and its call is acknowledged after the end is kept.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="claim">The attempt.</param>
/// <param name="maxBytes">The maximum length of the body, in bytes.</param>
/// <param name="budget">Holds the bytes of the part that is being gathered, until <see cref="Dispose"/>.</param>
internal sealed class RecordingSink(IRequestLog log, AttemptClaim claim, int maxBytes, ByteBudget budget) : IResponseSink, IDisposable
{
    /// <summary>The bytes at which a part is written.</summary>
    public const int PartBytes = 256 * 1024;

    private const string NoRoom = "there is no room to keep the response";

    private readonly ArrayBufferWriter<byte> _part = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ResponseHead? _head;
    private int _index;
    private long _length;
    private long _held;

    // A part found no room: the rest is read, and not kept.
    private bool _dropped;

    /// <summary>What has been ended with the response; null: nothing yet.</summary>
    public EndedRequest? Recorded { get; private set; }

    public ValueTask AcceptedAsync(RequestId id, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask FirstAsync(int status, AgentResponse first, CancellationToken cancellationToken)
    {
        List<HeaderLine> headers = [.. first.Headers.Select(static line => new HeaderLine { Name = line.Key, Value = line.Value })];
        headers.AddRange(first.HeaderList.Select(static line => new HeaderLine { Name = line.Name, Value = line.Value }));
        _head = new ResponseHead(status, headers);
        _hash.AppendData(Encoding.UTF8.GetBytes($"{status}\n"));
        foreach (var line in headers)
        {
            _hash.AppendData(Encoding.UTF8.GetBytes($"{line.Name}: {line.Value}\n"));
        }

        _hash.AppendData("\n"u8);
        Hold(headers.Sum(static line => MessageCost.Header + (sizeof(char) * (line.Name.Length + line.Value.Length))));
        return NextAsync(first, cancellationToken);
    }

    public ValueTask NextAsync(AgentResponse message, CancellationToken cancellationToken)
    {
        if (_length + message.Body.Length > maxBytes)
        {
            throw new ResponseNotKeptException(Verdict.TooLarge, $"the response is longer than the {maxBytes} bytes that are kept");
        }

        _length += message.Body.Length;
        if (_dropped)
        {
            return ValueTask.CompletedTask;
        }

        Hold(message.Body.Length);
        _hash.AppendData(message.Body.Span);
        _part.Write(message.Body.Span);
        return _part.WrittenCount < PartBytes ? ValueTask.CompletedTask : new(AppendAsync(cancellationToken));
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        var end = new RequestEnd
        {
            Id = claim.Id,
            Attempt = claim.Attempt,
            Verdict = Verdict.Answered,
            Sent = true,
            Last = TakePart(),
            Hash = _hash.GetHashAndReset(),
        };
        var reply = _dropped ? new EndReply(EndResult.NoRoom) : await log.EndAsync(end, cancellationToken);
        if (reply.Result == EndResult.NoRoom)
        {
            // The agent has done its work, and is not asked for it again: its caller learns that the response is not kept.
            reply = await log.EndAsync(end with { Verdict = Verdict.AnswerNotKept, Detail = NoRoom, Last = null, Hash = default }, cancellationToken);
        }

        Recorded = reply.Result == EndResult.Ended ? reply.Ended : throw Superseded();
    }

    public void Abort()
    {
        // Nothing to cut: no write to this sink can hang.
    }

    public void Dispose()
    {
        budget.Release(_held);
        _held = 0;
        _hash.Dispose();
    }

    private async Task AppendAsync(CancellationToken cancellationToken)
    {
        switch (await log.AppendAsync(TakePart(), cancellationToken))
        {
            case AppendResult.NotCurrent:
                throw Superseded();
            case AppendResult.NoRoom:
                _dropped = true;
                break;
        }

        _part.Clear();
        _head = null;
        budget.Release(_held);
        _held = 0;
    }

    private ResponseChunk TakePart() =>
        new() { Id = claim.Id, Attempt = claim.Attempt, Index = _index++, Head = _head, Body = _part.WrittenMemory };

    private static ResponseNotKeptException Superseded() => new(Verdict.CallerCancelled, "the request has ended, or another attempt has taken its place");

    private void Hold(long bytes)
    {
        if (!budget.TryAcquire(bytes))
        {
            throw new ResponseNotKeptException(Verdict.Overloaded, "the front door holds as many bytes as it may");
        }

        _held += bytes;
    }
}
