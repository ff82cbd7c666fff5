using System.Threading.Channels;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>Represents a response call at the fake gateway.</summary>
internal sealed class FakeResponse(string? requestId, string? sessionId, string? traceParent)
{
    public string? RequestId => requestId;

    public string? SessionId => sessionId;

    public string? TraceParent => traceParent;

    /// <summary>Gets the messages. The half-close completes the channel, and a call that breaks off faults it.</summary>
    public Channel<AgentResponse> Messages { get; } = Channel.CreateUnbounded<AgentResponse>();

    /// <summary>Faulted by a test to end the call.</summary>
    public TaskCompletionSource Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<AgentResponse> NextAsync() => Messages.Reader.ReadAsync().DefaultTimeout();

    /// <summary>Reads the rest of the response up to the half-close.</summary>
    public async Task<List<AgentResponse>> AllAsync()
    {
        List<AgentResponse> all = [];
        while (await Messages.Reader.WaitToReadAsync().DefaultTimeout())
        {
            while (Messages.Reader.TryRead(out var message))
            {
                all.Add(message);
            }
        }

        return all;
    }

    public void EndWith(StatusCode status) => Verdict.TrySetException(new RpcException(new Status(status, "the test said so")));
}
