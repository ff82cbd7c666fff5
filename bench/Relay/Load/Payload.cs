using System.Globalization;
using System.Text.Unicode;

namespace Switchboard.Bench.Load;

/// <summary>
/// What a caller sends, never the same twice, and what it must get back: each message of the answer is its number's byte and
/// the request's body. So an answer that is another's, is late, is short or out of order is seen.
/// </summary>
internal sealed class Payload(int caller, int length, int messages)
{
    private readonly byte[] _body = new byte[length];
    private long _asked;

    /// <summary>The body of the request to send now.</summary>
    public byte[] Next()
    {
        _body.AsSpan().Fill((byte)'.');
        if (!Utf8.TryWrite(_body, CultureInfo.InvariantCulture, $"caller {caller:d4} request {_asked++:d12}", out _))
        {
            throw new BenchFailure("The body is too short.");
        }

        return _body;
    }

    /// <summary>Judges all of an answer, its messages' bodies one behind the other.</summary>
    public bool IsWhole(ReadOnlySpan<byte> answer)
    {
        for (var i = 0; i < messages; i++)
        {
            if (answer.Length < length + 1 || !IsRight(answer[..(length + 1)], i))
            {
                return false;
            }

            answer = answer[(length + 1)..];
        }

        return answer.IsEmpty;
    }

    /// <summary>Is this how many messages an answer has?</summary>
    public bool HasMessages(int count) => count == messages;

    /// <summary>Judges one message of an answer.</summary>
    public bool IsRight(ReadOnlySpan<byte> message, int index) =>
        message.Length == length + 1 && message[0] == Mark(index) && message[1..].SequenceEqual(_body);

    /// <summary>What an agent answers.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> request, int index)
    {
        var answer = new byte[request.Length + 1];
        answer[0] = Mark(index);
        request.CopyTo(answer.AsSpan(1));
        return answer;
    }

    private static byte Mark(int index) => (byte)('a' + (index % 26));
}
