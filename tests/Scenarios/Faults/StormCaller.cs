using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.V1;

namespace Switchboard.Scenarios.Faults;

/// <summary>What a caller knows of one request.</summary>
/// <param name="RequestId">The gateway's id; null: the caller never heard it.</param>
/// <param name="Reason">The gateway's verdict; null: none was told, because the connection ended or the caller's patience did.</param>
/// <param name="Sent">Was it sent, as the gateway says; null: it did not say.</param>
/// <param name="Status">The agent's status, where the response ended well.</param>
/// <param name="Whole">It is the agent's response, to the byte.</param>
/// <param name="Error">What the caller saw instead, for people.</param>
internal sealed record StormEnd(string? RequestId, string? Reason, bool? Sent, int Status, bool Whole, string Error);

/// <summary>A caller of the storm, on connections of its own; for many requests at once.</summary>
internal abstract class StormCaller : IDisposable
{
    // Beyond the gateway's own limit: what has not ended by then never would, because the connection is dead.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public static StormCaller OverGrpc(Uri address) => new GrpcCaller(address);

    public static StormCaller OverRest(Uri address) => new RestCaller(address);

    /// <param name="request">What.</param>
    /// <param name="agent">Whom.</param>
    /// <param name="timeout">How long the gateway may wait for the first message; whole seconds.</param>
    public async Task<StormEnd> SendAsync(StormRequest request, string agent, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout + _patience, TimeProvider.System);
        return await SendAsync(request, agent, timeout, patience.Token);
    }

    public abstract void Dispose();

    protected abstract Task<StormEnd> SendAsync(StormRequest request, string agent, TimeSpan timeout, CancellationToken cancellationToken);

    private sealed class GrpcCaller : StormCaller
    {
        private readonly GrpcChannel _channel;
        private readonly AgentGateway.AgentGatewayClient _client;

        public GrpcCaller(Uri address)
        {
            _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
                    ConnectTimeout = TimeSpan.FromSeconds(2),
                },
                DisposeHttpClient = true,
                MaxReceiveMessageSize = null,
            });
            _client = new AgentGateway.AgentGatewayClient(_channel);
        }

        public override void Dispose() => _channel.Dispose();

        protected override async Task<StormEnd> SendAsync(
            StormRequest request, string agent, TimeSpan timeout, CancellationToken cancellationToken)
        {
            string? id = null;
            var status = 0;
            var body = new MemoryStream();

            // Half of them say their deadline in grpc-timeout too.
            DateTime? deadline = request.Number % 2 == 0 ? TimeProvider.System.GetUtcNow().UtcDateTime + timeout : null;
            var message = new AgentRequest
            {
                AgentId = agent,
                Body = UnsafeByteOperations.UnsafeWrap(request.Body),
                Timeout = Duration.FromTimeSpan(timeout),
            };
            try
            {
                using var call = _client.AgentRequestPublish(message, deadline: deadline, cancellationToken: cancellationToken);
                id = (await call.ResponseHeadersAsync).GetValue("request-id");
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    var part = call.ResponseStream.Current;
                    status = status == 0 ? (int)part.Status : status;
                    part.Body.WriteTo(body);
                }

                return new StormEnd(id, "answered", true, status, request.IsRightResponse(body.ToArray()), "");
            }
            catch (RpcException e)
            {
                var reason = e.Trailers.GetValue("switchboard-reason");
                bool? sent = e.Trailers.GetValue("switchboard-sent") is { } word ? word == "yes" : null;
                return new StormEnd(e.Trailers.GetValue("request-id") ?? id, reason, sent, 0, false, $"{e.StatusCode} {e.Status.Detail}");
            }
            catch (OperationCanceledException e)
            {
                return new StormEnd(id, null, null, 0, false, e.Message);
            }
        }
    }

    private sealed class RestCaller(Uri address) : StormCaller
    {
        private readonly HttpClient _client =
            new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { BaseAddress = address };

        public override void Dispose() => _client.Dispose();

        protected override async Task<StormEnd> SendAsync(
            StormRequest request, string agent, TimeSpan timeout, CancellationToken cancellationToken)
        {
            string? id = null;
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/agents/{agent}/requests", UriKind.Relative));
                message.Content = new ByteArrayContent(request.Body);
                message.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={timeout.TotalSeconds}"));
                using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                id = response.Headers.TryGetValues("Request-Id", out var ids) ? ids.Single() : null;
                var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
                {
                    return new StormEnd(id, "answered", true, (int)response.StatusCode, request.IsRightResponse(body), "");
                }

                var problem = JsonDocument.Parse(body).RootElement;
                bool? sent = problem.TryGetProperty("sent", out var value) ? value.GetBoolean() : null;
                return new StormEnd(id, problem.GetProperty("reason").GetString(), sent, 0, false, problem.ToString());
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                return new StormEnd(id, null, null, 0, false, e.Message);
            }
        }
    }
}
