namespace Switchboard.Compat.Tests.Grpc;

/// <summary>A server that takes the request's body and never answers.</summary>
internal sealed class BodyHandler : HttpMessageHandler
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>There is a request, and its body is being taken.</summary>
    public Task Begun => _begun.Task;

    /// <summary>The body has ended.</summary>
    public Task Body { get; private set; } = Task.CompletedTask;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Body = request.Content!.CopyToAsync(new MemoryStream(), cancellationToken);
        _begun.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("It never ends.");
    }
}
