using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using static Switchboard.Interop.Cases;

namespace Switchboard.Interop;

/// <summary>The other half: calls that end otherwise than well.</summary>
internal sealed partial class Calls
{
    private async Task CancelAfterBeginAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.ClientStream(cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await FailsAsync(() => call.ResponseAsync, StatusCode.Cancelled);
    }

    private async Task CancelAfterFirstResponseAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = client.ServerStream(new TestRequest { Count = 1, Act = "wait" }, cancellationToken: cancel.Token);
        Check(await call.ResponseStream.MoveNext());
        await cancel.CancelAsync();
        await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.Cancelled);

        // Answered once a waiting handler has been told that its caller is gone.
        await client.UnaryAsync(new TestRequest { Act = "own" }, new Metadata { { "x-own", "heard" } });
    }

    private async Task TimeoutAsync()
    {
        using var call = client.ServerStream(new TestRequest { Act = "wait" }, deadline: In(200));
        await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.DeadlineExceeded);
    }

    /// <summary>
    /// The handler waits instead of reading, so the window fills up and a write is pending when the time is up. grpc-js ends the call by
    /// its own timer and neither reads on nor resets the stream: then the write, the real client's too, waits until its token says no.
    /// What it throws is not judged: our timer and the server's race, and the real client hands on the transport's own exception.
    /// </summary>
    private async Task DeadlineDuringAWriteAsync()
    {
        using var call = client.ClientStream(deadline: In(1000));
        using var stop = new CancellationTokenSource();
        await call.RequestStream.WriteAsync(new TestRequest { Act = "wait" });
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++) await call.RequestStream.WriteAsync(new TestRequest { Body = Bytes(1 << 20) }, stop.Token);
        });
        await FailsAsync(() => call.ResponseAsync, StatusCode.DeadlineExceeded);
        await stop.CancelAsync();
        await writing.ContinueWith(_ => { }, TaskScheduler.Default);
        Check(writing.Exception?.InnerException is RpcException or IOException or OperationCanceledException);
        await EmptyUnaryAsync();
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
        await FailsAsync(() => client.UnaryAsync(new TestRequest { Size = 5 << 20 }).ResponseAsync, StatusCode.ResourceExhausted);
        await EmptyUnaryAsync();
    }

    /// <summary>The process dies: no trailers, no GOAWAY. The last case.</summary>
    private async Task ServerGoesAwayAsync()
    {
        using var call = client.ServerStream(new TestRequest { Count = 1, Act = "wait" });
        Check(await call.ResponseStream.MoveNext());
        var die = new Metadata { { "x-own", "die" } };
        await FailsAsync(() => client.UnaryAsync(new TestRequest { Act = "own" }, die).ResponseAsync, StatusCode.Unavailable);
        await FailsAsync(() => call.ResponseStream.MoveNext(), StatusCode.Unavailable);
        await FailsAsync(() => client.UnaryAsync(new TestRequest()).ResponseAsync, StatusCode.Unavailable);
    }
}
