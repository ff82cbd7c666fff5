using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>What a client makes of answers that no server of ours would give.</summary>
public sealed class RawResponseTests : IAsyncLifetime
{
    private static readonly Marshaller<TestReply> Marshaller = Marshallers.Create(m => m.ToByteArray(), TestReply.Parser.ParseFrom);
    private static readonly Method<TestReply, TestReply> One = new(MethodType.Unary, "raw", "answer", Marshaller, Marshaller);
    private static readonly Method<TestReply, TestReply> Many = new(MethodType.ServerStreaming, "raw", "answer", Marshaller, Marshaller);

    private TestServer _server = null!;
    private StatusCode _lastStatus;
    private Func<HttpContext, Task> _answer = _ => Task.CompletedTask;

    public async Task InitializeAsync() =>
        _server = await TestServer.StartAsync(map: app => app.MapPost("/raw/answer", http => _answer(http)));

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(431, StatusCode.Internal)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(204, StatusCode.Unknown)]
    public async Task An_answer_that_is_no_gRPC(int http, StatusCode status)
    {
        await ExpectAsync(status, $"Bad gRPC response. HTTP status code: {http}", async context =>
        {
            context.Response.StatusCode = http;
            if (http != 204)
                await context.Response.WriteAsync("a page of a proxy");
        });
    }

    [Fact]
    public Task A_grpc_status_counts_more_than_the_http_status() => ExpectAsync(StatusCode.DataLoss, "100 % sure \u263a", context =>
    {
        context.Response.StatusCode = 503;
        context.Response.Headers["grpc-status"] = "15";
        context.Response.Headers["grpc-message"] = "100 %25 sure %E2%98%BA";
        return Task.CompletedTask;
    });

    [Fact]
    public async Task A_wrong_or_missing_content_type()
    {
        await ExpectAsync(StatusCode.Cancelled, "Bad gRPC response. Invalid content-type value: text/html", context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html>");
        });
        await ExpectAsync(StatusCode.Cancelled, "Bad gRPC response. Response did not have a content-type header.", _ => Task.CompletedTask);
    }

    [Fact]
    public Task No_status_at_all() =>
        ExpectAsync(StatusCode.Cancelled, "No grpc-status found on response.", context => WriteAsync(context, null, 0, 0, 0, 0, 0));

    [Fact]
    public Task A_status_that_is_none() => ExpectAsync(StatusCode.Cancelled, null, context => WriteAsync(context, "what", 0, 0, 0, 0, 0));

    [Fact]
    public Task A_frame_cut_in_half() => ExpectAsync(StatusCode.Internal, null, context => WriteAsync(context, "0", 0, 0, 0, 0, 9, 1));

    [Fact]
    public Task A_header_cut_in_half() => ExpectAsync(StatusCode.Internal, null, context => WriteAsync(context, "0", 0, 0, 0));

    [Fact]
    public Task A_flag_that_is_none() => ExpectAsync(StatusCode.Internal, null, context => WriteAsync(context, "0", 9, 0, 0, 0, 0));

    [Fact]
    public Task A_compressed_message_without_a_word_of_it() =>
        ExpectAsync(StatusCode.Internal, null, context => WriteAsync(context, "0", 1, 0, 0, 0, 0));

    [Fact]
    public async Task One_answer_must_be_one_message()
    {
        var none = await CallAsync(context => WriteAsync(context, "0"));
        Assert.Equal((StatusCode.Internal, "Failed to deserialize response message."), (none.StatusCode, none.Status.Detail));
        Assert.Equal(StatusCode.Internal, _lastStatus);
        var two = await CallAsync(context => WriteAsync(context, "0", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.Equal(StatusCode.Internal, two.StatusCode);
        var trailersOnly = await CallAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        });
        Assert.Equal(StatusCode.Internal, trailersOnly.StatusCode);
    }

    [Fact]
    public async Task A_stream_may_be_trailers_only_and_OK()
    {
        _answer = context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            context.Response.Headers["x-more"] = "yes";
            return Task.CompletedTask;
        };
        using var call = Stream();
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("yes", call.GetTrailers().GetValue("x-more"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_messages_are_read(string encoding)
    {
        var packed = Packing.Pack(new TestReply { Count = 7 }.ToByteArray(), encoding);
        _answer = async context =>
        {
            Assert.Equal("identity,gzip,deflate", context.Request.Headers["grpc-accept-encoding"]);
            context.Response.Headers["grpc-encoding"] = encoding;
            await WriteAsync(context, "0", [1, 0, 0, 0, (byte)packed.Length, .. packed, 0, 0, 0, 0, 0]);
        };
        using var call = Stream();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(7, call.ResponseStream.Current.Count);
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
    }

    [Theory]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xB, StatusCode.ResourceExhausted)]
    public async Task A_reset_in_mid_stream(int code, StatusCode status)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            await context.Response.Body.FlushAsync();
            await read.Task.DefaultTimeout();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
        };
        using var call = Stream();
        Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        read.SetResult();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(status, error.StatusCode);
        Assert.Equal(status, call.GetStatus().StatusCode);
        Assert.StartsWith("Error reading next message. ", error.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task WriteAsync(HttpContext context, string? status, params byte[] body)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync();
        if (body.Length > 0)
            await context.Response.Body.WriteAsync(body);
        if (status is not null)
            context.Response.AppendTrailer("grpc-status", status);
    }

    private AsyncServerStreamingCall<TestReply> Stream() =>
        _server.Channel.CreateCallInvoker().AsyncServerStreamingCall(Many, null, new CallOptions(), new TestReply());

    private async Task<RpcException> CallAsync(Func<HttpContext, Task> answer)
    {
        _answer = answer;
        using var call = _server.Channel.CreateCallInvoker().AsyncUnaryCall(One, null, new CallOptions(), new TestReply());
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.DefaultTimeout());
        _lastStatus = call.GetStatus().StatusCode;
        return error;
    }

    /// <summary>The same for a unary call and for a stream.</summary>
    private async Task ExpectAsync(StatusCode status, string? detail, Func<HttpContext, Task> answer)
    {
        var unary = await CallAsync(answer);
        Assert.Equal((status, detail ?? unary.Status.Detail), (unary.StatusCode, unary.Status.Detail));
        using var stream = Stream();
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.ResponseStream.MoveNext().DefaultTimeout())
            {
            }
        });
        Assert.Equal((status, detail ?? error.Status.Detail), (error.StatusCode, error.Status.Detail));
        Assert.Equal(status, stream.GetStatus().StatusCode);
    }
}
