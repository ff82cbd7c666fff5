using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using Switchboard.Bench.Load;
using Switchboard.Bench.Servers;
using Switchboard.V1;

namespace Switchboard.Bench.Overload;

/// <summary>Asks the agent, over connections that are shared, and judges each answer by its content.</summary>
internal sealed class Asker : IDisposable
{
    // gRPC's RESOURCE_EXHAUSTED.
    private const string Refused = "8";

    private readonly List<HttpMessageInvoker> _channels = [];
    private readonly Uri _server;
    private readonly string _agent;
    private long _asked;

    public Asker(Uri server, string agent, int connections)
    {
        _server = server;
        _agent = agent;
        for (var i = 0; i < connections; i++)
        {
            _channels.Add(GrpcCalls.CreateChannel());
        }
    }

    /// <summary>Asks once. True: answered; false: refused as <c>overloaded</c>, unsent.</summary>
    /// <exception cref="BenchFailure">It ended in another way, or the answer was wrong.</exception>
    public async Task<bool> AskAsync()
    {
        var number = Interlocked.Increment(ref _asked);
        var body = new byte[64];
        BinaryPrimitives.WriteInt64BigEndian(body, number);
        var ask = new AgentRequest { AgentId = _agent, Method = "bench", Body = UnsafeByteOperations.UnsafeWrap(body) };
        using var request = GrpcCalls.Create(_server, "AgentRequestPublish", GrpcCalls.Frame(ask));
        using var response = await _channels[(int)(number % _channels.Count)].SendAsync(request, CancellationToken.None);
        var answer = await response.Content.ReadAsByteArrayAsync();
        var status = GrpcCalls.StatusOf(response);
        if (status == "0")
        {
            return IsRight(answer, body) ? true : throw new BenchFailure($"A wrong answer, {answer.Length} bytes.");
        }

        if (status.Split(' ')[0] == Refused && IsUnsent(response))
        {
            return false;
        }

        throw new BenchFailure($"A request ended with gRPC status {status}.");
    }

    public void Dispose() => _channels.ForEach(c => c.Dispose());

    private static bool IsRight(byte[] answer, byte[] body)
    {
        var buffer = new ReadOnlySequence<byte>(answer);
        return GrpcWire.TryTake(ref buffer, AgentResponse.Parser, out var message) && buffer.IsEmpty
            && message!.Body.Span.SequenceEqual(Payload.Answer(body, 0));
    }

    private static bool IsUnsent(HttpResponseMessage response) =>
        Find(response, "switchboard-reason") == "overloaded" && Find(response, "switchboard-sent") == "no";

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.First()
            : null;
}
