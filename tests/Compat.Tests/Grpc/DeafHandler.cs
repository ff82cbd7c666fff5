using System.Net;
using System.Net.Http.Headers;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>A server that ends every call with DATA_LOSS, reads nothing of the request and does not reset it either, as grpc-js can.</summary>
internal sealed class DeafHandler : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var window = new FullWindow();
        _ = request.Content!.CopyToAsync(window, cancellationToken);
        await window.Begun;
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        response.Headers.Add("grpc-status", "15");
        return response;
    }

    private sealed class FullWindow : MemoryStream
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The first write is pending.</summary>
        public Task Begun => _begun.Task;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(PendAsync(cancellationToken));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            PendAsync(cancellationToken);

        private Task PendAsync(CancellationToken cancellationToken)
        {
            _begun.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }
}
