using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Clusters;

/// <summary>How a request ended, as its caller was told.</summary>
/// <param name="Reason">
/// The verdict; <c>answered</c>, <see cref="NotConnected"/>, or null: none was told, because the connection to the gateway was lost, or
/// the gateway hung.
/// </param>
/// <param name="Sent">Whether it was sent, as the gateway says; null: it does not say.</param>
/// <param name="Text">The response, or what was said of the error.</param>
internal sealed record CallerEnd(string? Reason, bool? Sent, string Text)
{
    public const string Answered = "answered";

    /// <summary>No connection was made, so nothing was sent.</summary>
    public const string NotConnected = "not connected";

    public bool IsAnswered => Reason == Answered;

    /// <summary>Whether the node is about to go, or gone, and has taken nothing: another one may be called with the same.</summary>
    public bool MayMove => this is { Sent: false, Reason: "draining" or NotConnected };
}

/// <summary>A caller at one node, over one of the two protocols.</summary>
internal abstract class ClusterCaller : IDisposable
{
    /// <summary>The deadline of a request where nobody says.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // For a gateway that hangs: what should have said something by the deadline has said nothing.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static ClusterCaller OverGrpc(GatewayProcess node) => new GrpcCaller(node);

    public static ClusterCaller OverRest(GatewayProcess node) => new RestCaller(node);

    public static ClusterCaller[] OverBoth(GatewayProcess node) => [OverGrpc(node), OverRest(node)];

    /// <summary>Sends a request and returns how it ended.</summary>
    public async Task<CallerEnd> CallAsync(string agent, string body, TimeSpan? timeout = null)
    {
        using var end = new CancellationTokenSource((timeout ?? Timeout) + _patience, TimeProvider.System);
        return await CallAsync(agent, body, timeout ?? Timeout, end.Token);
    }

    /// <summary>Calls until the agent responds: its front door says that it has connected before its grain says so everywhere.</summary>
    public async Task UntilServedAsync(string agent, TimeSpan? within = null)
    {
        CallerEnd? last = null;
        await Eventually.IsTrueAsync(
            async () => (last = await CallAsync(agent, "are you there?")).IsAnswered, () => $"{agent} is not served: {last}", within);
    }

    public abstract void Dispose();

    protected abstract Task<CallerEnd> CallAsync(string agent, string body, TimeSpan timeout, CancellationToken cancellationToken);

    private static CallerEnd Untold(Exception e, string text) =>
        e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } or SocketException { SocketErrorCode: SocketError.ConnectionRefused }
            ? new(CallerEnd.NotConnected, false, text)
            : new(null, null, text);

    private sealed class GrpcCaller(GatewayProcess node) : ClusterCaller
    {
        private readonly GrpcChannel _channel = GrpcChannel.ForAddress(node.Grpc);

        public override void Dispose() => _channel.Dispose();

        protected override async Task<CallerEnd> CallAsync(string agent, string body, TimeSpan timeout, CancellationToken cancellationToken)
        {
            var client = new AgentGateway.AgentGatewayClient(_channel);
            using var call = client.AgentRequestPublish(TestCall.Request(agent, body, timeout: timeout), cancellationToken: cancellationToken);
            var response = ByteString.Empty;
            try
            {
                await foreach (var message in call.ResponseStream.ReadAllAsync(CancellationToken.None))
                {
                    response = ByteString.CopyFrom([.. response, .. message.Body]);
                }

                return new(CallerEnd.Answered, true, response.ToStringUtf8());
            }
            catch (RpcException e) when (e.Trailers.GetValue("switchboard-reason") is { } reason)
            {
                var sent = e.Trailers.GetValue("switchboard-sent");
                return new(reason, sent is null ? null : sent == "yes", e.Status.ToString());
            }
            catch (RpcException e)
            {
                return Untold(e.Status.DebugException ?? e, e.Status.ToString());
            }
        }
    }

    private sealed class RestCaller(GatewayProcess node) : ClusterCaller
    {
        private readonly HttpClient _http = new() { BaseAddress = node.Rest, Timeout = System.Threading.Timeout.InfiniteTimeSpan };

        public override void Dispose() => _http.Dispose();

        protected override async Task<CallerEnd> CallAsync(string agent, string body, TimeSpan timeout, CancellationToken cancellationToken)
        {
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests?method=test") { Content = new StringContent(body) };
                message.Headers.Add("Prefer", $"wait={timeout.TotalSeconds:f0}");
                using var response = await _http.SendAsync(message, cancellationToken);
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
                {
                    return new(CallerEnd.Answered, true, text);
                }

                using var problem = JsonDocument.Parse(text);
                bool? sent = problem.RootElement.TryGetProperty("sent", out var said) ? said.GetBoolean() : null;
                return new(problem.RootElement.GetProperty("reason").GetString(), sent, text);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return Untold(e, e.Message);
            }
        }
    }
}
