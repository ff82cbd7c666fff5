using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Backpressure;

/// <summary>
/// The agent's side of responses that are too long to be held anywhere. A request's body is how many messages it wants; no body asks for
/// the word "quick". No two messages are alike, so that one that is lost, twice there or out of order changes the hash.
/// </summary>
internal sealed class LongResponses : IAsyncDisposable
{
    public const int MessageBytes = 64 * 1024;

    private readonly TestAgent _agent;
    private readonly ConcurrentDictionary<string, LongResponse> _responses = new();
    private int _number;

    private LongResponses(TestAgent agent, string id)
    {
        _agent = agent;
        AgentId = id;
    }

    public string AgentId { get; }

    /// <summary>Responses under way and ended, by the gateway's request id.</summary>
    public IReadOnlyDictionary<string, LongResponse> All => _responses;

    public TestAgent Agent => _agent;

    /// <summary>What the agent has written of all its responses, in bytes of body.</summary>
    public long Written => _responses.Values.Sum(a => a.Written);

    public static async Task<LongResponses> ConnectAsync(GatewayHost host, string agent)
    {
        var responses = new LongResponses(await TestAgent.ConnectAsync(host, agent), agent);
        _ = responses._agent.ServeAsync(responses.RespondAsync);
        return responses;
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    private async Task RespondAsync(AgentRequest request)
    {
        if (request.Body.IsEmpty)
        {
            await _agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("quick") });
            return;
        }

        var response = _responses[request.Id] = new LongResponse();
        var messages = int.Parse(request.Body.ToStringUtf8(), CultureInfo.InvariantCulture);
        var number = Interlocked.Increment(ref _number);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var call = _agent.OpenResponse(request.Id);
        try
        {
            for (var i = 0; i < messages; i++)
            {
                var body = new byte[MessageBytes];
                BinaryPrimitives.WriteInt32LittleEndian(body, number);
                BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(MessageBytes / 2), i);
                hash.AppendData(body);
                await call.RequestStream.WriteAsync(new AgentResponse { Body = UnsafeByteOperations.UnsafeWrap(body) });
                response.Wrote(body.Length);
            }

            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
            response.Done(StatusCode.OK, Convert.ToHexString(hash.GetHashAndReset()));
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // A write to a call that is over throws the latter, and the response says why it is over.
            response.Done(e is RpcException rpc ? rpc.StatusCode : await StatusAsync(call), "");
        }
    }

    private static async Task<StatusCode> StatusAsync(AsyncClientStreamingCall<AgentResponse, Empty> call)
    {
        try
        {
            await call.ResponseAsync;
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}

/// <summary>One long response, as its agent sees it.</summary>
internal sealed class LongResponse
{
    private readonly TaskCompletionSource<(StatusCode, string)> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _written;

    /// <summary>Bytes of body in writes that have completed: what flow control let go.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>How the agent's call ended, and the hash of what it wrote.</summary>
    public Task<(StatusCode Status, string Hash)> Ended => _ended.Task;

    public void Wrote(int bytes) => Interlocked.Add(ref _written, bytes);

    public void Done(StatusCode status, string hash) => _ended.TrySetResult((status, hash));
}
