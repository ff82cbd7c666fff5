using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Races between a call's end and its response, forced by handlers of the test's own.</summary>
public sealed class HandlerTests
{
    /// <summary>
    /// The server's timer runs to the same deadline as ours, and its reset can arrive first: the caller must not notice. With grpc-dotnet
    /// (2.80) it does now and then, as CANCELLED (seen in every third run of this test).
    /// </summary>
    [Fact]
    public async Task A_reset_at_the_deadline_that_comes_before_our_timer_is_the_deadline()
    {
        if (!Packages.AreStandIns) return;
        for (var i = 0; i < 20; i++)
        {
            var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(20);
            using var channel = Channel(async _ =>
            {
                while (TimeProvider.System.GetUtcNow().UtcDateTime < deadline) await Task.Yield();
                throw new HttpRequestException("reset", new HttpProtocolException(0x8, "CANCEL", null));
            });
            var call = new TestService.TestServiceClient(channel).UnaryAsync(new TestRequest(), deadline: deadline);
            var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
            Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        }
    }

    /// <summary>
    /// Nobody would dispose of it otherwise, and its HTTP/2 stream would stay open. grpc-dotnet (2.80) leaves it to the garbage collector.
    /// </summary>
    [Fact]
    public async Task A_response_that_comes_after_the_end_of_its_call_is_disposed_of()
    {
        if (!Packages.AreStandIns) return;
        var arrives = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var content = new Content();
        using var channel = Channel(async _ =>
        {
            await arrives.Task;
            return new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = content };
        });
        new TestService.TestServiceClient(channel).ServerStream(new TestRequest()).Dispose();
        arrives.SetResult();
        await content.Disposed.DefaultTimeout();
    }

    private static GrpcChannel Channel(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) => GrpcChannel.ForAddress(
        "http://localhost", new GrpcChannelOptions { HttpHandler = new Handler(answer), DisposeHttpClient = true });

    /// <summary>Does not look at the token: a response can be on its way already.</summary>
    private sealed class Handler(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request);
    }

    private sealed class Content : ByteArrayContent
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Content()
            : base([]) => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        public Task Disposed => _disposed.Task;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            _disposed.TrySetResult();
        }
    }
}
