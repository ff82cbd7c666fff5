using Google.Protobuf;
using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Who cancels what, and what the other side sees.</summary>
public sealed class CancellationTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Cancel_after_begin()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _server.Client.ClientStream(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new TestRequest { Act = "wait" }).DefaultTimeout();
        await _server.Probe.Heard("waiting").DefaultTimeout();
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.Cancelled, "Call canceled by the client."), (error.StatusCode, error.Status.Detail));
        await _server.Probe.Heard("cancelled").DefaultTimeout();
    }

    [Fact]
    public async Task Cancel_after_the_first_response()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _server.Client.Duplex(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new TestRequest { Size = 10 }).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        var next = call.ResponseStream.MoveNext();
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => next.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        var write = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, write.StatusCode);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already()
    {
        var token = new CancellationToken(canceled: true);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => _server.Client.UnaryAsync(new TestRequest(), cancellationToken: token).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public async Task Dispose_cancels()
    {
        var call = _server.Client.ServerStream(new TestRequest { Count = 1, Act = "wait" });
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await _server.Probe.Heard("waiting").DefaultTimeout();
        call.Dispose();
        await _server.Probe.Heard("cancelled").DefaultTimeout();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Dispose_cancels_before_there_is_any_answer()
    {
        var call = _server.Client.UnaryAsync(new TestRequest { Act = "wait" });
        await _server.Probe.Heard("waiting").DefaultTimeout();
        call.Dispose();
        await _server.Probe.Heard("cancelled").DefaultTimeout();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Fact]
    public async Task Cancelling_a_read_of_the_client_cancels_its_call()
    {
        using var call = _server.Client.Duplex();
        using var cancel = new CancellationTokenSource();
        var read = call.ResponseStream.MoveNext(cancel.Token);
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => read.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    /// <summary>A front door waits for the next message with a time limit and goes on: nothing may be lost by that.</summary>
    [Fact]
    public async Task Cancelling_a_read_of_the_server_is_safe()
    {
        _server.Probe.OwnDuplex = async (requests, responses, context) =>
        {
            for (var i = 0; i < 5; i++)
            {
                using var cancel = new CancellationTokenSource();
                var read = requests.MoveNext(cancel.Token);
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            }

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => requests.MoveNext(new CancellationToken(canceled: true)));
            await responses.WriteAsync(new TestReply { Count = 1 });
            while (await requests.MoveNext(context.CancellationToken))
                await responses.WriteAsync(new TestReply { Count = 2, Body = requests.Current.Body });
        };
        using var call = _server.Client.Duplex();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(2, call.ResponseStream.Current.Count);
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task Cancelling_a_write_of_the_server_resets_the_call()
    {
        _server.Probe.OwnDuplex = async (_, responses, _) =>
        {
            using var cancel = new CancellationTokenSource();
            await responses.WriteAsync(new TestReply { Count = 1 });

            // Nobody reads, so this one stays pending.
            var write = responses.WriteAsync(new TestReply { Body = ByteString.CopyFrom(new byte[1 << 20]) }, cancel.Token);
            Assert.False(write.IsCompleted);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write.DefaultTimeout());
            _server.Probe.Say("aborted");
        };
        using var call = _server.Client.Duplex();
        await call.ResponseHeadersAsync.DefaultTimeout();
        await _server.Probe.Heard("aborted").DefaultTimeout();
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().DefaultTimeout())
            {
            }
        });

        // Two resets race in Kestrel: ours, by the token, with CANCEL, and that of the flush which the same token ends, INTERNAL_ERROR.
        Assert.True(error.StatusCode is StatusCode.Cancelled or StatusCode.Internal, error.Status.ToString());
    }

    [Fact]
    public async Task A_write_after_the_caller_has_gone_fails()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Probe.OwnDuplex = async (_, responses, context) =>
        {
            await responses.WriteAsync(new TestReply());
            using var registration = context.CancellationToken.Register(() => gone.SetResult());
            await gone.Task.DefaultTimeout();
            var error = await Record.ExceptionAsync(() => responses.WriteAsync(new TestReply()));
            _server.Probe.Say("write", error);
        };
        var call = _server.Client.Duplex();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        call.Dispose();
        Assert.IsType<InvalidOperationException>(await _server.Probe.Heard("write").DefaultTimeout());
    }
}
