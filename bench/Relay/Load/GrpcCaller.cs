using System.Buffers;
using Google.Protobuf;
using Switchboard.Bench.Servers;
using Switchboard.V1;

namespace Switchboard.Bench.Load;

/// <summary>A caller over gRPC; the connection is shared with others.</summary>
internal sealed class GrpcCaller(HttpMessageInvoker channel, Uri server, string agent, Payload payload) : ICaller
{
    private byte[] _answer = new byte[4 << 10];

    public async ValueTask AskAsync()
    {
        var ask = new AgentRequest { AgentId = agent, Method = "bench", Body = UnsafeByteOperations.UnsafeWrap(payload.Next()) };
        using var request = GrpcCalls.Create(server, "AgentRequestPublish", GrpcCalls.Frame(ask));
        using var response = await channel.SendAsync(request, CancellationToken.None);
        var length = await ReadAsync(response);
        var status = GrpcCalls.StatusOf(response);
        if (status != "0")
        {
            throw new BenchFailure($"A request to {agent} ended with gRPC status {status}.");
        }

        if (!IsRight(_answer.AsMemory(0, length)))
        {
            throw new BenchFailure($"A wrong answer of {agent}, {length} bytes.");
        }
    }

    public void Dispose()
    {
    }

    private async ValueTask<int> ReadAsync(HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync();
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(_answer.AsMemory(length));
            if (read == 0)
            {
                return length;
            }

            length += read;
            if (length == _answer.Length)
            {
                Array.Resize(ref _answer, length * 2);
            }
        }
    }

    private bool IsRight(ReadOnlyMemory<byte> answer)
    {
        var buffer = new ReadOnlySequence<byte>(answer);
        var index = 0;
        for (; GrpcWire.TryTake(ref buffer, AgentResponse.Parser, out var message); index++)
        {
            if (message!.Status is not (0 or 200) || message.Error.Length > 0 || !payload.IsRight(message.Body.Span, index))
            {
                return false;
            }
        }

        return buffer.IsEmpty && payload.HasMessages(index);
    }
}
