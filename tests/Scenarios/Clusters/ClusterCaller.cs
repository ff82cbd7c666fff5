using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Clusters;

/// <summary>How a request ended, as its caller was told.</summary>
/// <param name="Reason">The verdict; <c>answered</c>, or null: none was told, because the connection to the gateway was lost.</param>
/// <param name="Sent">Whether it was sent, as the gateway says; null: it does not say.</param>
/// <param name="Text">The response, or what was said of the error.</param>
internal sealed record CallerEnd(string? Reason, bool? Sent, string Text)
{
    public const string Answered = "answered";

    public bool IsAnswered => Reason == Answered;
}

/// <summary>A caller at one node, over one of the two protocols.</summary>
internal abstract class ClusterCaller : IDisposable
{
    private const int TimeoutSeconds = 10;

    public static ClusterCaller OverGrpc(GatewayProcess node) => new GrpcCaller(node);

    public static ClusterCaller OverRest(GatewayProcess node) => new RestCaller(node);

    public static ClusterCaller[] OverBoth(GatewayProcess node) => [OverGrpc(node), OverRest(node)];

    public abstract Task<CallerEnd> CallAsync(string agent, string body);

    /// <summary>Calls until the agent responds: its front door says that it has connected before its grain says so everywhere.</summary>
    public async Task UntilServedAsync(string agent, TimeSpan? within = null)
    {
        CallerEnd? last = null;
        await Eventually.IsTrueAsync(
            async () => (last = await CallAsync(agent, "are you there?")).IsAnswered, () => $"{agent} is not served: {last}", within);
    }

    public abstract void Dispose();

    private sealed class GrpcCaller(GatewayProcess node) : ClusterCaller
    {
        private readonly GrpcChannel _channel = GrpcChannel.ForAddress(node.Grpc);

        public override void Dispose() => _channel.Dispose();

        public override async Task<CallerEnd> CallAsync(string agent, string body)
        {
            var client = new AgentGateway.AgentGatewayClient(_channel);
            var request = TestCall.Request(agent, body, timeout: TimeSpan.FromSeconds(TimeoutSeconds));
            using var call = client.AgentRequestPublish(request);
            var response = ByteString.Empty;
            try
            {
                while (await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
                {
                    response = ByteString.CopyFrom([.. response, .. call.ResponseStream.Current.Body]);
                }

                return new(CallerEnd.Answered, true, response.ToStringUtf8());
            }
            catch (RpcException e)
            {
                var sent = e.Trailers.GetValue("switchboard-sent");
                return new(e.Trailers.GetValue("switchboard-reason"), sent is null ? null : sent == "yes", e.Status.ToString());
            }
        }
    }

    private sealed class RestCaller(GatewayProcess node) : ClusterCaller
    {
        private readonly HttpClient _http = new() { BaseAddress = node.Rest };

        public override void Dispose() => _http.Dispose();

        public override async Task<CallerEnd> CallAsync(string agent, string body)
        {
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/agents/{agent}/requests?method=test") { Content = new StringContent(body) };
                message.Headers.Add("Prefer", $"wait={TimeoutSeconds}");
                using var response = await _http.SendAsync(message).DefaultTimeout();
                var text = await response.Content.ReadAsStringAsync();
                if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
                {
                    return new(CallerEnd.Answered, true, text);
                }

                using var problem = JsonDocument.Parse(text);
                bool? sent = problem.RootElement.TryGetProperty("sent", out var said) ? said.GetBoolean() : null;
                return new(problem.RootElement.GetProperty("reason").GetString(), sent, text);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return new(null, null, e.Message);
            }
        }
    }
}
