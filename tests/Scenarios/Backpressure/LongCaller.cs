using System.Globalization;
using System.Security.Cryptography;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>A caller that reads as much of a long response as it is told to, keeps none of it, and hashes all of it.</summary>
internal abstract class LongCaller : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes of body so far.</summary>
    public long Read { get; private set; }

    /// <summary>The gateway's id of the request; known once something was read.</summary>
    public abstract string RequestId { get; }

    /// <summary>Over gRPC, on that client's connection.</summary>
    public static LongCaller OverGrpc(AgentGateway.AgentGatewayClient client, string agent, int messages) =>
        new GrpcCaller(client, agent, messages);

    /// <summary>Over REST, on a connection of its own where that client has none that is free.</summary>
    public static LongCaller OverRest(HttpClient client, string agent, int messages) => new RestCaller(client, agent, messages);

    /// <summary>Reads until it has so many bytes, and then no more.</summary>
    public async Task ReadAsync(long atLeast)
    {
        while (Read < atLeast)
        {
            Assert.True(await NextAsync(), $"the response ended after {Read} bytes");
        }
    }

    /// <summary>Reads all the rest, and the hash of everything.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await NextAsync())
        {
        }

        return Convert.ToHexString(_hash.GetHashAndReset());
    }

    public virtual void Dispose() => _hash.Dispose();

    /// <summary>Empty: the end.</summary>
    protected abstract Task<ReadOnlyMemory<byte>> NextPartAsync();

    private async Task<bool> NextAsync()
    {
        var part = await NextPartAsync().DefaultTimeout();
        _hash.AppendData(part.Span);
        Read += part.Length;
        return part.Length > 0;
    }

    private sealed class GrpcCaller(AgentGateway.AgentGatewayClient client, string agent, int messages) : LongCaller
    {
        private readonly AsyncServerStreamingCall<AgentResponse> _call =
            client.AgentRequestPublish(TestCall.Request(agent, messages.ToString(CultureInfo.InvariantCulture)));

        private string? _id;

        public override string RequestId => _id!;

        public override void Dispose()
        {
            _call.Dispose();
            base.Dispose();
        }

        protected override async Task<ReadOnlyMemory<byte>> NextPartAsync()
        {
            _id ??= (await _call.ResponseHeadersAsync).GetValue("request-id");
            return await _call.ResponseStream.MoveNext(CancellationToken.None) ? _call.ResponseStream.Current.Body.Memory : default;
        }
    }

    private sealed class RestCaller(HttpClient client, string agent, int messages) : LongCaller
    {
        private readonly byte[] _buffer = new byte[LongResponses.MessageBytes];
        private HttpResponseMessage? _response;
        private Stream? _body;

        public override string RequestId => _response!.Headers.GetValues("Request-Id").Single();

        public override void Dispose()
        {
            _response?.Dispose();
            base.Dispose();
        }

        protected override async Task<ReadOnlyMemory<byte>> NextPartAsync()
        {
            if (_body is null)
            {
                var target = new Uri($"/v1/agents/{agent}/requests?method=long", UriKind.Relative);
                using var request = new HttpRequestMessage(HttpMethod.Post, target);
                request.Content = new StringContent(messages.ToString(CultureInfo.InvariantCulture));
                _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                _response.EnsureSuccessStatusCode();
                _body = await _response.Content.ReadAsStreamAsync();
            }

            return _buffer.AsMemory(0, await _body.ReadAsync(_buffer));
        }
    }
}
