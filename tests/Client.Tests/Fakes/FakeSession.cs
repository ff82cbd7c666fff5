using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>Represents a subscription at the fake gateway.</summary>
internal sealed class FakeSession(SubscriberInfo info, ulong id)
{
    public SubscriberInfo Info => info;

    public ulong Id => id;

    public Channel<AgentRequest> Outbound { get; } = Channel.CreateUnbounded<AgentRequest>();

    /// <summary>Completes when the subscription has ended, by either side.</summary>
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

    /// <summary>Ends the stream with an error.</summary>
    public void Fail(StatusCode status) => Outbound.Writer.TryComplete(new RpcException(new Status(status, "the test said so")));
}
