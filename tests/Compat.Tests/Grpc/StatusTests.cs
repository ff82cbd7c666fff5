using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>How calls end: codes, texts, trailers.</summary>
public sealed class StatusTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("plain words")]
    [InlineData("100 % of\ttest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n")]
    [InlineData("%41 %zz % ")]
    public async Task Code_and_text_arrive_whatever_is_in_them(string detail)
    {
        var request = new TestRequest { Status = (int)StatusCode.FailedPrecondition, Detail = detail };
        var unary = await Assert.ThrowsAsync<RpcException>(() => _server.Client.UnaryAsync(request).ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.FailedPrecondition, detail), (unary.StatusCode, unary.Status.Detail));

        request.Count = 3;
        using var stream = _server.Client.ServerStream(request);
        for (var i = 0; i < 3; i++)
            Assert.True(await stream.ResponseStream.MoveNext().DefaultTimeout());
        var end = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal((StatusCode.FailedPrecondition, detail), (end.StatusCode, end.Status.Detail));
        Assert.Equal(StatusCode.FailedPrecondition, stream.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_RpcException_carries_its_trailers_with_and_without_messages_before_it(int messages)
    {
        using var call = _server.Client.ServerStream(new TestRequest { Count = messages, Status = (int)StatusCode.Aborted, Detail = "no" });
        for (var i = 0; i < messages; i++)
            Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal("asked", error.Trailers.GetValue("x-why"));
        Assert.Equal("asked", call.GetTrailers().GetValue("x-why"));
    }

    [Theory]
    [InlineData("throw", "Exception was thrown by handler.")]
    [InlineData("throw-cancelled", "Exception was thrown by handler.")]
    public async Task An_exception_of_another_kind_is_UNKNOWN_and_tells_nothing(string act, string detail)
    {
        var error = await Assert.ThrowsAsync<RpcException>(
            () => _server.Client.UnaryAsync(new TestRequest { Act = act }).ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.Unknown, detail), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task With_detailed_errors_it_tells_the_exception()
    {
        await using var server = await TestServer.StartAsync(o => o.EnableDetailedErrors = true);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.UnaryAsync(new TestRequest { Act = "throw" }).ResponseAsync.DefaultTimeout());
        Assert.Equal("Exception was thrown by handler. FormatException: secret", error.Status.Detail);
    }

    [Fact]
    public async Task A_handler_can_set_the_status_and_return()
    {
        var request = new TestRequest { Count = 2, Act = "set-status", Status = (int)StatusCode.DataLoss, Detail = "lost" };
        using var call = _server.Client.ServerStream(request);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().DefaultTimeout())
            {
            }
        });
        Assert.Equal((StatusCode.DataLoss, "lost"), (error.StatusCode, error.Status.Detail));

        // A message came with it; the status counts all the same.
        var unary = await Assert.ThrowsAsync<RpcException>(() => _server.Client.UnaryAsync(request).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.DataLoss, unary.StatusCode);
    }

    [Fact]
    public async Task A_trailer_of_the_handlers_cannot_take_the_place_of_the_status()
    {
        _server.Probe.Own = context =>
        {
            context.ResponseTrailers.Add("grpc-status", "0");
            context.Status = new Status(StatusCode.NotFound, "gone");
            return Task.CompletedTask;
        };
        var error = await Assert.ThrowsAsync<RpcException>(
            () => _server.Client.UnaryAsync(new TestRequest { Act = "own" }).ResponseAsync.DefaultTimeout());
        Assert.Equal((StatusCode.NotFound, "gone"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Unwritten_methods_unknown_methods_and_unknown_services_are_UNIMPLEMENTED()
    {
        var unwritten = await Assert.ThrowsAsync<RpcException>(
            () => _server.Client.UnwrittenAsync(new TestRequest()).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Unimplemented, unwritten.StatusCode);

        var method = await CallUnknownAsync("switchboard.compat.test.TestService", "Nothing");
        Assert.Equal((StatusCode.Unimplemented, "Method is unimplemented."), (method.StatusCode, method.Status.Detail));
        var service = await CallUnknownAsync("no.such.Service", "Nothing");
        Assert.Equal((StatusCode.Unimplemented, "Service is unimplemented."), (service.StatusCode, service.Status.Detail));
    }

    [Fact]
    public async Task While_a_call_is_under_way_it_has_neither_status_nor_trailers()
    {
        using var call = _server.Client.Duplex();
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }

    [Fact]
    public void A_status_and_its_exception_say_what_they_are()
    {
        var status = new Status(StatusCode.NotFound, "gone");
        Assert.Equal("Status(StatusCode=\"NotFound\", Detail=\"gone\")", status.ToString());
        Assert.Equal(status.ToString(), new RpcException(status).Message);
        Assert.Empty(new RpcException(status).Trailers);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
    }

    private async Task<RpcException> CallUnknownAsync(string service, string name)
    {
        var marshaller = Marshallers.Create((byte[] b) => b, b => b);
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, marshaller, marshaller);
        using var call = _server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(), [1, 2, 3]);
        return await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
    }
}
