using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Tests.Harness;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Backpressure;

/// <summary>
/// The agent's side of answers that are too long to be held anywhere. A request's body is how many messages it wants; no body asks for
/// the word "quick". No two messages are alike, so that one that is lost, twice there or out of order changes the hash.
/// </summary>
internal sealed class LongAnswers : IAsyncDisposable
{
    public const int MessageBytes = 64 * 1024;

    private readonly TestAgent _agent;
    private readonly ConcurrentDictionary<string, LongAnswer> _answers = new();
    private int _number;

    private LongAnswers(TestAgent agent, string id)
    {
        _agent = agent;
        AgentId = id;
    }

    public string AgentId { get; }

    /// <summary>Answers under way and ended, by the gateway's request id.</summary>
    public IReadOnlyDictionary<string, LongAnswer> All => _answers;

    public TestAgent Agent => _agent;

    /// <summary>What the agent has written of all its answers, in bytes of body.</summary>
    public long Written => _answers.Values.Sum(a => a.Written);

    public static async Task<LongAnswers> ConnectAsync(GatewayHost host, string agent)
    {
        var answers = new LongAnswers(await TestAgent.ConnectAsync(host, agent), agent);
        _ = answers._agent.ServeAsync(answers.AnswerAsync);
        return answers;
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    private async Task AnswerAsync(AgentRequest request)
    {
        if (request.Body.IsEmpty)
        {
            await _agent.AnswerAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("quick") });
            return;
        }

        var answer = _answers[request.Id] = new LongAnswer();
        var messages = int.Parse(request.Body.ToStringUtf8(), CultureInfo.InvariantCulture);
        var number = Interlocked.Increment(ref _number);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var call = _agent.OpenAnswer(request.Id);
        try
        {
            for (var i = 0; i < messages; i++)
            {
                var body = new byte[MessageBytes];
                BinaryPrimitives.WriteInt32LittleEndian(body, number);
                BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(MessageBytes / 2), i);
                hash.AppendData(body);
                await call.RequestStream.WriteAsync(new AgentResponse { Body = UnsafeByteOperations.UnsafeWrap(body) });
                answer.Wrote(body.Length);
            }

            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
            answer.Done(StatusCode.OK, Convert.ToHexString(hash.GetHashAndReset()));
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // A write to a call that is over throws the latter, and the response says why it is over.
            answer.Done(e is RpcException rpc ? rpc.StatusCode : await StatusAsync(call), "");
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

/// <summary>One long answer, as its agent sees it.</summary>
internal sealed class LongAnswer
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
