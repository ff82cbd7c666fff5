using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>What a test and the handlers of its own server tell each other.</summary>
public sealed class Probe
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<object?>> _events = [];

    /// <summary>Set by a test: an act of its own, run by <c>Unary</c> and <c>Duplex</c> requests with act "own".</summary>
    public Func<ServerCallContext, Task>? Own { get; set; }

    /// <summary>Set by a test: takes over a duplex call with act "own".</summary>
    public Func<IAsyncStreamReader<TestRequest>, IServerStreamWriter<TestReply>, ServerCallContext, Task>? OwnDuplex { get; set; }

    public void Say(string what, object? value = null) => Of(what).TrySetResult(value);

    public Task<object?> Heard(string what) => Of(what).Task;

    private TaskCompletionSource<object?> Of(string what) =>
        _events.GetOrAdd(what, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>The test service. What a handler does beside echoing is said by the request.</summary>
public sealed class TestHandlers(Probe probe) : TestService.TestServiceBase
{
    public override async Task<TestReply> Unary(TestRequest request, ServerCallContext context)
    {
        await ActAsync(request, context);
        return new TestReply { Body = request.Size > 0 ? Filled(request.Size) : request.Body, Count = 1, Bytes = request.Body.Length };
    }

    public override async Task ServerStream(TestRequest request, IServerStreamWriter<TestReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Count; i++)
            await responseStream.WriteAsync(new TestReply { Body = Filled(request.Size), Count = i }, context.CancellationToken);
        await ActAsync(request, context);
    }

    public override async Task<TestReply> ClientStream(IAsyncStreamReader<TestRequest> requestStream, ServerCallContext context)
    {
        var reply = new TestReply();
        while (await requestStream.MoveNext())
        {
            reply.Count++;
            reply.Bytes += requestStream.Current.Body.Length;
            await ActAsync(requestStream.Current, context);
        }

        return reply;
    }

    public override async Task Duplex(
        IAsyncStreamReader<TestRequest> requestStream, IServerStreamWriter<TestReply> responseStream, ServerCallContext context)
    {
        if (probe.OwnDuplex is { } own)
        {
            await own(requestStream, responseStream, context);
            return;
        }

        await foreach (var request in requestStream.ReadAllAsync())
        {
            await ActAsync(request, context);
            await responseStream.WriteAsync(new TestReply { Body = request.Size > 0 ? Filled(request.Size) : request.Body });
        }
    }

    private static ByteString Filled(int size) => UnsafeByteOperations.UnsafeWrap(new byte[size]);

    private async Task ActAsync(TestRequest request, ServerCallContext context)
    {
        switch (request.Act)
        {
            case "own":
                await probe.Own!(context);
                break;
            case "echo-metadata":
                var headers = new Metadata();
                foreach (var entry in context.RequestHeaders.Where(e => e.Key.StartsWith("x-echo", StringComparison.Ordinal)))
                {
                    headers.Add(entry);
                    context.ResponseTrailers.Add(entry);
                }

                await context.WriteResponseHeadersAsync(headers);
                break;
            case "wait":
                probe.Say("waiting");
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                }
                catch (OperationCanceledException)
                {
                    probe.Say("cancelled");
                    throw;
                }

                break;
            case "wait-40":
                await Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System);
                break;
            case "throw":
                throw new FormatException("secret");
            case "throw-cancelled":
                throw new OperationCanceledException();
            case "set-status":
                context.Status = new Status((StatusCode)request.Status, request.Detail);
                return;
        }

        if (request.Status != 0)
            throw new RpcException(new Status((StatusCode)request.Status, request.Detail), new Metadata { { "x-why", "asked" } });
    }
}
