using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;
using Switchboard.Bench.Servers;
using Switchboard.V1;

namespace Switchboard.Bench.Load;

/// <summary>An agent: one subscription, and an answer call for each request, on one connection.</summary>
internal sealed class LoadAgent : IAsyncDisposable
{
    private readonly HttpMessageInvoker _channel = GrpcCalls.CreateChannel();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Uri _server;
    private readonly int _messages;
    private readonly TimeSpan _service;
    private int _open;
    private volatile bool _disposed;
    private string _session = "";

    private LoadAgent(string id, Uri server, int messages, TimeSpan service)
    {
        Id = id;
        _server = server;
        _messages = messages;
        _service = service;
    }

    public string Id { get; }

    /// <summary>Fails when the agent does; never ends otherwise.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Subscribes, and returns when the gateway has said welcome.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="server">The gateway.</param>
    /// <param name="messages">How many messages an answer has.</param>
    /// <param name="maxInFlight">How many requests it takes at once.</param>
    /// <param name="service">How long it takes for each, beside what it costs.</param>
    public static async Task<LoadAgent> ConnectAsync(
        string id, Uri server, int messages, uint maxInFlight = 4096, TimeSpan service = default)
    {
        var agent = new LoadAgent(id, server, messages, service);
        var info = new SubscriberInfo { AgentId = id, MaxInFlight = maxInFlight };
        using var request = GrpcCalls.Create(server, "AgentRequestSubscribe", GrpcCalls.Frame(info));
        var response = await agent._channel.SendAsync(request, CancellationToken.None).WaitAsync(BenchOptions.Patience);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync());
        var first = await GrpcWire.ReadAsync(reader, AgentRequest.Parser).AsTask().WaitAsync(BenchOptions.Patience);
        var welcome = first?.Control?.Welcome
            ?? throw new BenchFailure($"{id} was not welcomed: gRPC status {GrpcCalls.StatusOf(response)}.");
        agent._session = welcome.SessionId.ToString(CultureInfo.InvariantCulture);
        _ = Task.Run(() => agent.ServeAsync(response, reader));
        return agent;
    }

    /// <summary>Waits until every answer call has ended.</summary>
    public async Task IdleAsync()
    {
        while (Volatile.Read(ref _open) > 0)
        {
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await IdleAsync().WaitAsync(BenchOptions.Patience);
        _channel.Dispose();
    }

    private async Task ServeAsync(HttpResponseMessage response, PipeReader reader)
    {
        using (response)
        {
            try
            {
                while (await GrpcWire.ReadAsync(reader, AgentRequest.Parser) is { } request)
                {
                    if (request.Control is { Heartbeat: not null })
                    {
                        continue;
                    }

                    if (request.Control is not null)
                    {
                        throw new BenchFailure($"{Id} was told {request.Control}");
                    }

                    Interlocked.Increment(ref _open);
                    _ = AnswerAsync(request);
                }

                throw new BenchFailure($"The subscription of {Id} ended: gRPC status {GrpcCalls.StatusOf(response)}.");
            }
            catch (Exception failure) when (!_disposed)
            {
                _failed.TrySetException(failure);
            }
            catch (Exception gone) when (gone is IOException or HttpRequestException or BenchFailure or ObjectDisposedException)
            {
                // Disposing the channel breaks the subscription off: that is how it ends.
            }
        }
    }

    private async Task AnswerAsync(AgentRequest request)
    {
        try
        {
            if (_service > TimeSpan.Zero)
            {
                await Task.Delay(_service, TimeProvider.System);
            }

            using var call = GrpcCalls.Create(_server, "AgentResponsePublish", Answer(request.Body.Span));
            call.Headers.TryAddWithoutValidation("request-id", request.Id);
            call.Headers.TryAddWithoutValidation("session-id", _session);
            using var response = await _channel.SendAsync(call, CancellationToken.None);
            await response.Content.CopyToAsync(Stream.Null);
            var status = GrpcCalls.StatusOf(response);
            if (status != "0")
            {
                throw new BenchFailure($"An answer of {Id} was refused: gRPC status {status}.");
            }
        }
        catch (Exception failure)
        {
            _failed.TrySetException(failure);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private ReadOnlyMemory<byte> Answer(ReadOnlySpan<byte> body)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(_messages * (body.Length + 16));
        for (var i = 0; i < _messages; i++)
        {
            GrpcWire.Write(output, new AgentResponse { Body = UnsafeByteOperations.UnsafeWrap(Payload.Answer(body, i)) });
        }

        return output.WrittenMemory;
    }
}
