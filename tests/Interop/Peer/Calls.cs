using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Compat.Tests.Grpc.V1;
using static Switchboard.Interop.Cases;

namespace Switchboard.Interop;

/// <summary>
/// Our client against the test service as another language serves it, after gRPC's own list of interoperability cases. This half: what
/// goes through. All calls but the silent one share a connection.
/// </summary>
internal sealed partial class Calls(TestService.TestServiceClient client, GrpcChannel channel, TestService.TestServiceClient other)
{
    public static async Task<bool> RunAsync(string address, string server)
    {
        using var channel = OneConnection(address);
        using var second = OneConnection(address);
        var calls = new Calls(new TestService.TestServiceClient(channel), channel, new TestService.TestServiceClient(second));
        return await Cases.RunAsync(server, calls.List(server));
    }

    /// <summary>Without `EnableMultipleHttp2Connections`, whatever a channel's calls are, they are on one connection.</summary>
    public static GrpcChannel OneConnection(string address) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler(), DisposeHttpClient = true });

    private List<(string Name, Func<Task> Run)> List(string server)
    {
        // On a connection of its own: what others send would hide a limit that counts bytes per second. Begun first, judged late.
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("INTEROP_SILENCE"), out var set) ? set : 20;
        var silence = SilenceAsync(TimeSpan.FromSeconds(seconds));
        List<(string Name, Func<Task> Run)> cases =
        [
            ("empty unary", EmptyUnaryAsync), ("large unary", LargeUnaryAsync), ("server streaming", ServerStreamingAsync),
            ("client streaming", ClientStreamingAsync), ("full-duplex streaming", FullDuplexAsync), ("ping-pong", PingPongAsync),
            ("empty stream", EmptyStreamAsync), ("cancel after begin", CancelAfterBeginAsync),
            ("cancel after first response, and the server hears of it", CancelAfterFirstResponseAsync),
            ("timeout on a sleeping server", TimeoutAsync), ("a deadline that fires during a write", DeadlineDuringAWriteAsync),
            ("status code and message", StatusAsync), ("custom metadata", MetadataAsync),
            ("unimplemented method", UnimplementedMethodAsync), ("unimplemented service", UnimplementedServiceAsync),
            ("a message over the size limit", TooLargeAsync), ("1,000 calls on one connection", ManyCallsAsync),
            ("100 MB through one stream", HundredMegabytesAsync), ($"{seconds} s of silence in a client stream", () => silence),
            ("a server that goes away in mid-call", ServerGoesAwayAsync),
        ];

        // grpc-js and grpc-dotnet as the test service has it do not compress what they answer.
        if (server == "grpcio") cases.Insert(0, ("a gzip frame", GzipAsync));
        return cases;
    }

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

    /// <summary>Neither side waits for the other.</summary>
    private async Task FullDuplexAsync()
    {
        using var call = client.Duplex();
        var read = Task.Run(async () =>
        {
            var sizes = new List<int>();
            await foreach (var reply in call.ResponseStream.ReadAllAsync()) sizes.Add(reply.Body.Length);
            return sizes;
        });
        for (var i = 1; i <= 1000; i++) await call.RequestStream.WriteAsync(new TestRequest { Size = i });
        await call.RequestStream.CompleteAsync();
        Check((await read).SequenceEqual(Enumerable.Range(1, 1000)));
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

    private async Task GzipAsync()
    {
        using var call = client.UnaryAsync(new TestRequest { Act = "gzip", Size = 100_000 });
        Check((await call).Body.Length == 100_000);
    }

    private Task ManyCallsAsync() => Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        Check((await client.UnaryAsync(new TestRequest { Size = i + 1 })).Body.Length == i + 1)));

    private async Task HundredMegabytesAsync()
    {
        using var down = client.ServerStream(new TestRequest { Count = 100, Size = 1 << 20 });
        var read = 0L;
        await foreach (var reply in down.ResponseStream.ReadAllAsync()) read += reply.Body.Length;
        Check(read == 100 << 20);

        using var up = client.ClientStream();
        for (var i = 0; i < 100; i++) await up.RequestStream.WriteAsync(new TestRequest { Body = Bytes(1 << 20) });
        await up.RequestStream.CompleteAsync();
        Check((await up).Bytes == 100 << 20);
    }

    private async Task SilenceAsync(TimeSpan time)
    {
        using var call = other.ClientStream();
        await call.RequestStream.WriteAsync(new TestRequest { Body = Bytes(10) });
        await Task.Delay(time, TimeProvider.System);
        await call.RequestStream.WriteAsync(new TestRequest { Body = Bytes(10) });
        await call.RequestStream.CompleteAsync();
        Check((await call).Count == 2);
    }
}
