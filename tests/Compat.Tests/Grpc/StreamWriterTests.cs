using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>One write at a time, at either end; what is refused, and when a message leaves.</summary>
public sealed class StreamWriterTests : IAsyncLifetime
{
    private static readonly ByteString Large = ByteString.CopyFrom(new byte[1 << 20]);

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_second_write_of_the_server_is_refused_while_one_is_pending()
    {
        _server.Probe.OwnDuplex = async (_, responses, _) =>
        {
            var first = responses.WriteAsync(new TestReply { Body = Large });
            Assert.False(first.IsCompleted);
            var second = await Assert.ThrowsAsync<InvalidOperationException>(() => responses.WriteAsync(new TestReply()));
            _server.Probe.Say("second", second.Message);
            await first.DefaultTimeout();
            await responses.WriteAsync(new TestReply { Count = 3 });
        };
        using var call = _server.Client.Duplex();
        Assert.Equal(
            "Can't write the message because the previous write is in progress.", await _server.Probe.Heard("second").DefaultTimeout());
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(Large.Length, call.ResponseStream.Current.Body.Length);
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(3, call.ResponseStream.Current.Count);
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Fact]
    public async Task A_write_after_the_handler_has_returned_is_refused()
    {
        IServerStreamWriter<TestReply>? kept = null;
        _server.Probe.OwnDuplex = (_, responses, _) =>
        {
            kept = responses;
            return Task.CompletedTask;
        };
        using var call = _server.Client.Duplex();
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.WriteAsync(new TestReply()).DefaultTimeout());
        await Assert.ThrowsAsync<ArgumentNullException>(() => kept!.WriteAsync(null!).DefaultTimeout());
    }

    [Fact]
    public async Task Messages_with_a_buffer_hint_wait_for_the_next_without()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Probe.OwnDuplex = async (_, responses, context) =>
        {
            await context.WriteResponseHeadersAsync([]);
            responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
            for (var i = 0; i < 3; i++)
                await responses.WriteAsync(new TestReply { Count = i });
            _server.Probe.Say("buffered");
            await go.Task.DefaultTimeout();
            responses.WriteOptions = WriteOptions.Default;
            await responses.WriteAsync(new TestReply { Count = 3 });
        };
        using var call = _server.Client.Duplex();
        await call.ResponseHeadersAsync.DefaultTimeout();
        var first = call.ResponseStream.MoveNext();
        await _server.Probe.Heard("buffered").DefaultTimeout();

        // Another call there and back: what was flushed would have arrived.
        await _server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();
        Assert.False(first.IsCompleted);
        go.SetResult();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(i == 0 ? await first.DefaultTimeout() : await call.ResponseStream.MoveNext().DefaultTimeout());
            Assert.Equal(i, call.ResponseStream.Current.Count);
        }
    }

    [Fact]
    public async Task A_second_write_or_read_of_the_client_is_refused_while_one_is_pending()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Probe.OwnDuplex = async (requests, _, _) =>
        {
            await go.Task.DefaultTimeout();
            while (await requests.MoveNext())
            {
            }
        };
        using var call = _server.Client.Duplex();
        var read = call.ResponseStream.MoveNext();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext());

        // 4 MiB fit into no window.
        var write = call.RequestStream.WriteAsync(new TestRequest { Body = ByteString.CopyFrom(new byte[(4 << 20) - 100]) });
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new TestRequest()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.CompleteAsync());
        go.SetResult();
        await write.DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.False(await read.DefaultTimeout());
    }

    [Fact]
    public async Task A_write_that_is_pending_when_the_server_ends_the_call_without_reading_on_ends_by_its_token()
    {
        using var channel = GrpcChannel.ForAddress(
            "http://localhost", new GrpcChannelOptions { HttpHandler = new DeafHandler(), DisposeHttpClient = true });
        using var cancel = new CancellationTokenSource();
        using var call = new TestService.TestServiceClient(channel).ClientStream();
        var write = call.RequestStream.WriteAsync(new TestRequest(), cancel.Token);
        var response = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.False(write.IsCompleted);
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => write.DefaultTimeout());
        Assert.Equal((StatusCode.DataLoss, StatusCode.DataLoss), (response.StatusCode, error.StatusCode));
    }

    [Fact]
    public async Task The_client_cannot_write_after_it_has_said_that_it_is_done()
    {
        using var call = _server.Client.ClientStream();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout());
        await call.ResponseAsync.DefaultTimeout();
    }

    /// <summary>A Dispose that follows at once must not reset a request whose end the server would never see.</summary>
    [Fact]
    public async Task The_end_of_the_request_is_on_its_way_when_CompleteAsync_returns()
    {
        using var handler = new BodyHandler();
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        using var call = new TestService.TestServiceClient(channel).ClientStream();
        await handler.Begun.DefaultTimeout();
        await call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout();
        Assert.False(handler.Body.IsCompleted);

        // On a thread without xunit's SynchronizationContext, which lets nothing continue inline.
        var ended = await Task.Run(() =>
        {
            _ = call.RequestStream.CompleteAsync();
            return handler.Body.IsCompletedSuccessfully;
        }).DefaultTimeout();
        Assert.True(ended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((int)StatusCode.NotFound)]
    public async Task A_server_may_answer_before_the_request_stream_has_ended(int status)
    {
        _server.Probe.OwnDuplex = (_, _, _) => status == 0
            ? Task.CompletedTask
            : throw new RpcException(new Status((StatusCode)status, "enough"));
        using var call = _server.Client.Duplex();
        await call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout();
        if (status == 0)
            Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
        else
            await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(status, (int)call.GetStatus().StatusCode);
        var error = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new TestRequest()).DefaultTimeout());
        Assert.Equal(status, (int)error.StatusCode);
    }
}
