using System.Threading.Channels;
using Switchboard.Api.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;

namespace Switchboard.Api.Tests.Rest;

/// <summary>Live requests whose responses are what the test says.</summary>
internal sealed class ScriptedRequests(Func<CallerRequest, IResponseSink, CancellationToken, Task<RequestResult>> script) : IRequestForwarder
{
    private readonly Channel<CallerRequest> _seen = Channel.CreateUnbounded<CallerRequest>();

    public static RequestId Id { get; } = new(0x0001_0000_0000_00ff);

    public int Pending => 0;

    public async Task<CallerRequest> SeenAsync() => await _seen.Reader.ReadAsync().DefaultTimeout();

    public Task<RequestResult> SendAsync(CallerRequest request, IResponseSink sink, CancellationToken callerGone)
    {
        _seen.Writer.TryWrite(request);
        return script(request, sink, callerGone);
    }

    public static RequestResult Ended(Verdict verdict, bool sent = true, bool started = false, string detail = "")
        => new(Id, verdict, sent, started, detail);
}
