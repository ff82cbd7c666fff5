using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Deadlines, at either end.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_sleeping_server_is_told_and_the_caller_gets_DEADLINE_EXCEEDED()
    {
        using var call = _server.Client.UnaryAsync(new TestRequest { Act = "wait" }, deadline: Soon());
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        await _server.Probe.Heard("cancelled").DefaultTimeout();
    }

    [Fact]
    public async Task A_stream_ends_by_its_deadline_after_some_messages()
    {
        using var call = _server.Client.ServerStream(new TestRequest { Count = 3, Act = "wait" }, deadline: In(2000));
        var read = 0;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().DefaultTimeout())
                read++;
        });
        Assert.Equal((3, StatusCode.DeadlineExceeded), (read, error.StatusCode));
        await _server.Probe.Heard("cancelled").DefaultTimeout();
    }

    [Fact]
    public async Task A_deadline_that_has_passed_sends_nothing()
    {
        var called = false;
        _server.Probe.Own = _ =>
        {
            called = true;
            return Task.CompletedTask;
        };
        var error = await Assert.ThrowsAsync<RpcException>(
            () => _server.Client.UnaryAsync(new TestRequest { Act = "own" }, deadline: In(-1000)).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.False(called);
    }

    [Fact]
    public void A_deadline_of_a_local_time_is_refused()
    {
        var local = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Local);
        Assert.Throws<InvalidOperationException>(() => _server.Client.UnaryAsync(new TestRequest(), deadline: local));
    }

    [Fact]
    public async Task A_deadline_fires_while_the_server_writes_to_a_caller_that_does_not_read()
    {
        _server.Probe.OwnDuplex = async (_, responses, _) =>
        {
            // 1 MiB fits into no window, so this write is pending when the time is up.
            var write = responses.WriteAsync(new TestReply { Body = ByteString.CopyFrom(new byte[1 << 20]) });
            _server.Probe.Say("pending", !write.IsCompleted);
            _server.Probe.Say("write", await Record.ExceptionAsync(() => write.DefaultTimeout()));
        };
        using var call = _server.Client.Duplex(deadline: In(2000));
        Assert.Equal(true, await _server.Probe.Heard("pending").DefaultTimeout());
        await _server.Probe.Heard("write").DefaultTimeout();
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().DefaultTimeout())
            {
            }
        });
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await _server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();
    }

    /// <summary>A caller with a timer of its own resets the stream itself; this one has none and does not read.</summary>
    [Fact]
    public async Task At_the_deadline_the_server_resets_a_stream_that_nobody_reads()
    {
        _server.Probe.OwnDuplex = async (_, responses, _) =>
        {
            var write = responses.WriteAsync(new TestReply { Body = ByteString.CopyFrom(new byte[1 << 20]) });
            _server.Probe.Say("pending", !write.IsCompleted);
            _server.Probe.Say("write", await Record.ExceptionAsync(() => write.DefaultTimeout()));
        };
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, _server.Address + "/switchboard.compat.test.TestService/Duplex");
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.TryAddWithoutValidation("grpc-timeout", "300m");
        request.Content = new SilentContent([], over.Task);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).DefaultTimeout();
        Assert.Equal(true, await _server.Probe.Heard("pending").DefaultTimeout());
        Assert.IsNotType<TimeoutException>(await _server.Probe.Heard("write").DefaultTimeout());

        var error = await Record.ExceptionAsync(() => response.Content.CopyToAsync(Stream.Null).DefaultTimeout());
        while (error is not (null or HttpProtocolException)) error = error.InnerException;
        Assert.Equal(0x8, Assert.IsType<HttpProtocolException>(error).ErrorCode);
        over.SetResult();
    }

    [Fact]
    public async Task Handlers_that_end_at_the_very_deadline_end_with_one_status_or_the_other()
    {
        var ended = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            // The delay in the handler and the deadline are the same, give or take a few milliseconds.
            try
            {
                await _server.Client.UnaryAsync(new TestRequest { Act = "wait-40" }, deadline: In(35 + (i % 10)))
                    .ResponseAsync.DefaultTimeout();
                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                return e.StatusCode;
            }
        }));
        Assert.All(ended, code => Assert.True(code is StatusCode.OK or StatusCode.DeadlineExceeded, code.ToString()));
        await _server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();
    }

    private static DateTime Soon() => In(300);

    private static DateTime In(int milliseconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds);
}
