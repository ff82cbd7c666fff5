using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using static Switchboard.Interop.Cases;

namespace Switchboard.Interop;

/// <summary>
/// Our client against a server that speaks HTTP/2 but is no gRPC library (`js/raw-server.js`), for what no gRPC server would do. Which it
/// is to be is said in the metadata `x-raw`.
/// </summary>
internal sealed class RawCalls(TestService.TestServiceClient client)
{
    public static async Task<bool> RunAsync(string address, string server)
    {
        using var channel = Calls.OneConnection(address);
        var calls = new RawCalls(new TestService.TestServiceClient(channel));
        return await Cases.RunAsync(server, calls.List());
    }

    private static Metadata Ask(string what) => new() { { "x-raw", what } };

    private List<(string Name, Func<Task> Run)> List() =>
    [
        ("a frame in pieces of one byte", () => GoodAsync("pieces")),
        ("a gzip frame", () => GoodAsync("gzip")),
        ("a gzip frame without grpc-encoding", () => BadAsync("gzip-unnamed", StatusCode.Internal)),
        ("a frame cut in half", () => BadAsync("half-frame", StatusCode.Internal)),
        ("a frame's header cut in half", () => BadAsync("half-header", StatusCode.Internal)),
        ("a frame cut in half by a reset", () => BadAsync("half-reset", StatusCode.Cancelled)),
        ("a frame that says it is over the size limit", () => BadAsync("too-large", StatusCode.ResourceExhausted)),
        ("trailers only", () => BadAsync("trailers-only", StatusCode.DataLoss)),
        ("a refused stream", () => BadAsync("refused", StatusCode.Unavailable)),
        ("a deadline that fires during a write resets the stream", DeadlineDuringAWriteAsync),
        ("a server that says GOAWAY in mid-call and finishes it", GoAwayAsync),
        ("a connection cut in mid-frame", () => CutAsync("cut", StatusCode.Unavailable)),

        // GOAWAY with NO_ERROR: HttpClient gives its code, which the protocol maps to INTERNAL; the real client says the same.
        ("a connection closed in mid-frame after GOAWAY", () => CutAsync("close", StatusCode.Internal)),
    ];

    private async Task GoodAsync(string what)
    {
        Check((await client.UnaryAsync(new TestRequest(), Ask(what))).Count == 7);
        using var call = client.ServerStream(new TestRequest(), Ask(what));
        Check(await call.ResponseStream.MoveNext());
        Check(call.ResponseStream.Current.Count == 7);
        Check(!await call.ResponseStream.MoveNext());
    }

    private async Task BadAsync(string what, StatusCode status)
    {
        await FailsAsync(() => client.UnaryAsync(new TestRequest(), Ask(what)).ResponseAsync, status);
        using var call = client.ServerStream(new TestRequest(), Ask(what));
        await FailsAsync(() => ReadToEndAsync(call.ResponseStream), status);
        Check((await client.UnaryAsync(new TestRequest())).Count == 7);
    }

    private async Task DeadlineDuringAWriteAsync()
    {
        using var call = client.ClientStream(Ask("deaf"), deadline: In(500));
        await FailsAsync(
            () => call.RequestStream.WriteAsync(new TestRequest { Body = Bytes(1 << 20) }), StatusCode.DeadlineExceeded);
        await FailsAsync(() => call.ResponseAsync, StatusCode.DeadlineExceeded);

        // Answered with the code of the reset that the deaf stream got: CANCEL.
        Check((await client.UnaryAsync(new TestRequest(), Ask("last-reset"))).Count == 8);
    }

    private async Task GoAwayAsync()
    {
        using var call = client.ServerStream(new TestRequest(), Ask("goaway"));
        await ReadToEndAsync(call.ResponseStream);
        Check((await client.UnaryAsync(new TestRequest())).Count == 7);
    }

    private async Task CutAsync(string how, StatusCode status)
    {
        using var call = client.ServerStream(new TestRequest(), Ask("half-open"));
        Check(await call.ResponseStream.MoveNext());
        await FailsAsync(() => client.UnaryAsync(new TestRequest(), Ask(how)).ResponseAsync, status);
        await FailsAsync(() => call.ResponseStream.MoveNext(), status);
        Check((await client.UnaryAsync(new TestRequest())).Count == 7);
    }
}
