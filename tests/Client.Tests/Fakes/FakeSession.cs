using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>One subscription at the fake gateway.</summary>
internal sealed class FakeSession(SubscriberInfo info, ulong id)
{
    public SubscriberInfo Info => info;

    public ulong Id => id;

    public Channel<AgentRequest> Outbound { get; } = Channel.CreateUnbounded<AgentRequest>();

    /// <summary>The subscription is over, by whichever side.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Send(AgentRequest message) => Outbound.Writer.TryWrite(message);

    public void Request(string requestId, string body = "", string method = "m") =>
        Send(new AgentRequest
        {
            Id = requestId,
            AgentId = info.AgentId,
            Method = method,
            Body = ByteString.CopyFromUtf8(body),
            SessionId = id,
            Attempt = 1,
        });

    public void Cancel(string requestId) =>
        Send(new AgentRequest { Control = new Control { Cancel = new Cancel { RequestId = requestId, Reason = "caller-cancelled" } } });

    public void Heartbeat() => Send(new AgentRequest { Control = new Control { Heartbeat = new Heartbeat() } });

    public void Reconcile(params ulong[] live) =>
        Send(new AgentRequest { Control = new Control { Heartbeat = new Heartbeat { Reconcile = true, Live = { live } } } });

    public void GoAway(string reason, TimeSpan? reconnectAfter = null)
    {
        var goAway = new GoAway { Reason = reason };
        if (reconnectAfter is { } after)
        {
            goAway.ReconnectAfter = Duration.FromTimeSpan(after);
        }

        Send(new AgentRequest { Control = new Control { GoAway = goAway } });
    }

    /// <summary>Ends the stream with OK.</summary>
    public void End() => Outbound.Writer.TryComplete();

    /// <summary>Ends the stream with a status.</summary>
    public void Fail(StatusCode status) => Outbound.Writer.TryComplete(new RpcException(new Status(status, "the test said so")));
}

/// <summary>One answer call at the fake gateway.</summary>
internal sealed class FakeAnswer(string? requestId, string? sessionId, string? traceParent)
{
    public string? RequestId => requestId;

    public string? SessionId => sessionId;

    public string? TraceParent => traceParent;

    /// <summary>The messages; completed by the half-close, faulted where the call broke off.</summary>
    public Channel<AgentResponse> Messages { get; } = Channel.CreateUnbounded<AgentResponse>();

    /// <summary>Faulted by a test that ends the call.</summary>
    public TaskCompletionSource Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<AgentResponse> NextAsync() => Messages.Reader.ReadAsync().DefaultTimeout();

    /// <summary>What is left of the answer, once it has been half-closed.</summary>
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

/// <summary>Messages that tests send.</summary>
internal static class Messages
{
    public static AgentRequest Welcome(ulong sessionId, TimeSpan heartbeat) => new()
    {
        Control = new Control
        {
            Welcome = new Welcome { SessionId = sessionId, HeartbeatInterval = Duration.FromTimeSpan(heartbeat) },
        },
    };
}
