using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Compat.Tests.Grpc.V1;

namespace Switchboard.Interop;

/// <summary>Our client against the test service as another language serves it; after gRPC's own list of interoperability cases.</summary>
internal sealed class Calls(TestService.TestServiceClient client, GrpcChannel channel)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public async Task<bool> RunAsync(string language)
    {
        (string Name, Func<Task> Run)[] cases =
        [
            ("empty unary", EmptyUnaryAsync), ("large unary", LargeUnaryAsync), ("server streaming", ServerStreamingAsync),
            ("client streaming", ClientStreamingAsync), ("ping-pong", PingPongAsync), ("empty stream", EmptyStreamAsync),
            ("cancel after begin", CancelAfterBeginAsync), ("cancel after first response", CancelAfterFirstResponseAsync),
            ("timeout on a sleeping server", TimeoutAsync), ("status code and message", StatusAsync), ("custom metadata", MetadataAsync),
            ("unimplemented method", UnimplementedMethodAsync), ("unimplemented service", UnimplementedServiceAsync),
            ("a message over the size limit", TooLargeAsync), ("1,000 calls on one connection", ManyCallsAsync),
        ];
        var good = true;
        foreach (var (name, run) in cases)
        {
            try
            {
                await run().WaitAsync(Bound, TimeProvider.System);
                Console.WriteLine($"ok .net client, {language} server: {name}");
            }
            catch (Exception e)
            {
                good = false;
                Console.WriteLine($"FAIL .net client, {language} server: {name}: {e.GetType().Name} {e.Message}");
            }
        }

        return good;
    }

    private static void Check(bool holds, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(holds))] string what = "")
    {
        if (!holds) throw new UnreachableException(what);
    }

    private static async Task<RpcException> FailsAsync(Func<Task> call, StatusCode code)
    {
        try
        {
            await call();
        }
        catch (RpcException e)
        {
            Check(e.StatusCode == code, $"{code} was expected, not {e.Status}");
            return e;
        }

        throw new UnreachableException($"{code} was expected, not OK");
    }

    private static ByteString Bytes(int size) => UnsafeByteOperations.UnsafeWrap(new byte[size]);

    private async Task EmptyUnaryAsync() => Check((await client.UnaryAsync(new TestRequest())).Count == 1);

    private async Task LargeUnaryAsync()
    {
        var reply = await client.UnaryAsync(new TestRequest { Body = Bytes(271_828), Size = 314_159 });
        Check(reply.Bytes == 271_828);
        Check(reply.Body.Length == 314_159);
    }

    private async Task ServerStreamingAsync()
    {
        using var call = client.ServerStream(new TestRequest { Count = 1000, Size = 3000 });
        var counts = new List<int>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync()) counts.Add(reply.Count);
        Check(counts.SequenceEqual(Enumerable.Range(0, 1000)));
    }

    private async Task ClientStreamingAsync()
    {
        using var call = client.ClientStream();
        foreach (var size in (int[])[27_182, 8, 1828, 45_904]) await call.RequestStream.WriteAsync(new TestRequest { Body = Bytes(size) });
        await call.RequestStream.CompleteAsync();
        Check((await call).Bytes == 74_922);
    }

    private async Task PingPongAsync()
    {
        using var call = client.Duplex();
        for (var size = 1; size <= 100; size++)
        {
            await call.RequestStream.WriteAsync(new TestRequest { Size = size });
            Check(await call.ResponseStream.MoveNext());
            Check(call.ResponseStream.Current.Body.Length == size);
        }

        await call.RequestStream.CompleteAsync();
        Check(!await call.ResponseStream.MoveNext());
    }

    private async Task EmptyStreamAsync()
    {
        using var call = client.Duplex();
        await call.RequestStream.CompleteAsync();
        Check(!await call.ResponseStream.MoveNext());
        Check(call.GetStatus().StatusCode == StatusCode.OK);
    }

    private async Task CancelAfterBeginAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.ClientStream(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new TestRequest());
        await cancel.CancelAsync();
        await FailsAsync(() => call.ResponseAsync, StatusCode.Cancelled);
    }

    private async Task CancelAfterFirstResponseAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.Duplex(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new TestRequest { Size = 1 });
        Check(await call.ResponseStream.MoveNext());
        await cancel.CancelAsync();
        await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.Cancelled);
    }

    private async Task TimeoutAsync()
    {
        var soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200);
        using var call = client.ServerStream(new TestRequest { Act = "wait" }, deadline: soon);
        await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.DeadlineExceeded);
    }

    private async Task StatusAsync()
    {
        const string Detail = "100 % of\ttest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";
        var request = new TestRequest { Status = (int)StatusCode.FailedPrecondition, Detail = Detail };
        Check((await FailsAsync(() => client.UnaryAsync(request).ResponseAsync, StatusCode.FailedPrecondition)).Status.Detail == Detail);
        request.Count = 2;
        using var call = client.ServerStream(request);
        Check(await call.ResponseStream.MoveNext() && await call.ResponseStream.MoveNext());
        var end = await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.FailedPrecondition);
        Check(end.Trailers.GetValue("x-why") == "asked");
    }

    private async Task MetadataAsync()
    {
        byte[] bytes = [0xab, 0xab, 0xab, 0, 255];
        using var call = client.UnaryAsync(
            new TestRequest { Act = "echo-metadata" }, new Metadata { { "x-echo-text", "some text" }, { "x-echo-bytes-bin", bytes } });
        var headers = await call.ResponseHeadersAsync;
        await call;
        foreach (var metadata in (Metadata[])[headers, call.GetTrailers()])
        {
            Check(metadata.GetValue("x-echo-text") == "some text");
            Check(metadata.GetValueBytes("x-echo-bytes-bin")!.SequenceEqual(bytes));
        }
    }

    private async Task UnimplementedMethodAsync() =>
        await FailsAsync(() => client.UnwrittenAsync(new TestRequest()).ResponseAsync, StatusCode.Unimplemented);

    private async Task UnimplementedServiceAsync()
    {
        var marshaller = Marshallers.Create((byte[] b) => b, b => b);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "no.such.Service", "Nothing", marshaller, marshaller);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(), [1]);
        await FailsAsync(() => call.ResponseAsync, StatusCode.Unimplemented);
    }

    private async Task TooLargeAsync()
    {
        await FailsAsync(() => client.UnaryAsync(new TestRequest { Body = Bytes(5 << 20) }).ResponseAsync, StatusCode.ResourceExhausted);
        await EmptyUnaryAsync();
    }

    private Task ManyCallsAsync() => Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        Check((await client.UnaryAsync(new TestRequest { Size = i + 1 })).Body.Length == i + 1)));
}
