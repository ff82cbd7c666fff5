using Google.Protobuf;
using Grpc.Core;
using Switchboard.V1;

namespace Switchboard.TestSupport;

/// <summary>How a call ended, as its caller saw it.</summary>
internal sealed record CallEnd(StatusCode Status, string Detail, string? Reason, string? Sent, string? RequestId, IReadOnlyList<AgentResponse> Messages)
{
    public string Text => string.Concat(Messages.Select(m => m.Body.ToStringUtf8()));
}

/// <summary>A gRPC caller's call.</summary>
internal sealed class TestCall : IDisposable
{
    private readonly AsyncServerStreamingCall<AgentResponse> _call;
    private readonly List<AgentResponse> _messages = [];

    public TestCall(
        AgentGateway.AgentGatewayClient client, AgentRequest request, DateTime? deadline = null, Metadata? metadata = null,
        CancellationToken cancellationToken = default) =>
        _call = client.AgentRequestPublish(request, metadata, deadline: deadline, cancellationToken: cancellationToken);

    public static TestCall Start(GatewayHost host, string agent, string body = "", string id = "", TimeSpan? timeout = null) =>
        new(host.Client, Request(agent, body, id, timeout));

    public static Task<CallEnd> RunAsync(GatewayHost host, string agent, string body = "", string id = "", TimeSpan? timeout = null) =>
        Start(host, agent, body, id, timeout).EndAsync();

    public static AgentRequest Request(string agent, string body = "", string id = "", TimeSpan? timeout = null) => new()
    {
        AgentId = agent,
        Id = id,
        Method = "test",
        Body = ByteString.CopyFromUtf8(body),
        Timeout = timeout is { } t ? Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(t) : null,
    };

    /// <summary>The gateway's id, as soon as the request is accepted.</summary>
    public async Task<string> IdAsync() => (await _call.ResponseHeadersAsync.DefaultTimeout()).GetValue("request-id")!;

    /// <summary>The next message.</summary>
    public async Task<AgentResponse> NextAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        _messages.Add(_call.ResponseStream.Current);
        return _call.ResponseStream.Current;
    }

    /// <summary>Reads to the end, whatever it is.</summary>
    public async Task<CallEnd> EndAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
            {
                _messages.Add(_call.ResponseStream.Current);
            }

            return End(_call.GetStatus(), _call.GetTrailers());
        }
        catch (RpcException e)
        {
            return End(e.Status, e.Trailers);
        }
        finally
        {
            _call.Dispose();
        }
    }

    /// <summary>The caller goes away.</summary>
    public void Dispose() => _call.Dispose();

    private CallEnd End(Status status, Metadata trailers) => new(
        status.StatusCode, status.Detail, trailers.GetValue("switchboard-reason"), trailers.GetValue("switchboard-sent"),
        trailers.GetValue("request-id"), _messages);
}
