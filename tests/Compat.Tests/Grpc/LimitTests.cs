using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Sizes of messages, and the limits of Kestrel that streams must not meet.</summary>
public sealed class LimitTests
{
    private const int FourMiB = 4 * 1024 * 1024;

    [Fact]
    public async Task A_message_of_exactly_4_MiB_passes_and_one_byte_more_does_not()
    {
        await using var server = await TestServer.StartAsync();
        var largest = new TestRequest { Body = ByteString.CopyFrom(new byte[FourMiB - 5]) };
        Assert.Equal(FourMiB, largest.CalculateSize());
        await server.Client.ClientStream().Send(largest).DefaultTimeout();

        largest.Body = ByteString.CopyFrom(new byte[FourMiB - 4]);
        var error = await Assert.ThrowsAsync<RpcException>(() => server.Client.UnaryAsync(largest).ResponseAsync.DefaultTimeout());
        Assert.Equal(
            (StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."),
            (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task The_client_refuses_a_larger_message_and_ends_the_call()
    {
        await using var server = await TestServer.StartAsync();
        using var call = server.Client.ServerStream(new TestRequest { Count = 2, Size = FourMiB });
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);

        // The connection lives: other calls on it go on.
        await server.Client.UnaryAsync(new TestRequest()).ResponseAsync.DefaultTimeout();
    }

    [Fact]
    public async Task Limits_of_what_is_sent_hold_before_it_is_sent()
    {
        await using var server = await TestServer.StartAsync(
            o => o.MaxSendMessageSize = 1000, channel: new GrpcChannelOptions { MaxSendMessageSize = 2000 });
        var fromServer = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.UnaryAsync(new TestRequest { Size = 1001 }).ResponseAsync.DefaultTimeout());
        var fromClient = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.UnaryAsync(new TestRequest { Body = ByteString.CopyFrom(new byte[2001]) }).ResponseAsync.DefaultTimeout());
        Assert.All([fromServer, fromClient], e => Assert.Equal(
            (StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size."),
            (e.StatusCode, e.Status.Detail)));
    }

    [Fact]
    public async Task Limits_can_be_set_and_lifted()
    {
        await using var server = await TestServer.StartAsync(
            o => o.MaxReceiveMessageSize = 100, channel: new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var reply = await server.Client.UnaryAsync(new TestRequest { Size = 2 * FourMiB }).ResponseAsync.DefaultTimeout();
        Assert.Equal(2 * FourMiB, reply.Body.Length);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => server.Client.UnaryAsync(new TestRequest { Body = ByteString.CopyFrom(new byte[100]) }).ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    /// <summary>Left on, they cut an agent that is silent for some seconds in mid-answer, with its whole connection.</summary>
    [Fact]
    public async Task On_a_request_stream_there_is_neither_a_data_rate_nor_a_size_limit()
    {
        await using var server = await TestServer.StartAsync(kestrel: k =>
        {
            k.Limits.MinRequestBodyDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(1.1));
            k.Limits.MaxRequestBodySize = 100_000;
        });
        var body = ByteString.CopyFrom(new byte[60_000]);
        using var silent = server.Client.ClientStream();
        await silent.RequestStream.WriteAsync(new TestRequest { Body = body }).DefaultTimeout();

        // A request that is no stream, on a connection of its own, falls silent after the first: when it is cut, time enough has passed.
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = new HttpClient();
        using var slow = new HttpRequestMessage(HttpMethod.Post, server.Address + "/switchboard.compat.test.TestService/Unary");
        slow.Version = HttpVersion.Version20;
        slow.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        slow.Content = new SilentContent([0, 0, 0, 0, 9], never.Task);
        slow.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(slow).DefaultTimeout());
        never.SetResult();

        await silent.RequestStream.WriteAsync(new TestRequest { Body = body }).DefaultTimeout();
        await silent.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.Equal(120_000, (await silent.ResponseAsync.DefaultTimeout()).Bytes);
    }

    [Theory]
    [InlineData(100, 1 << 20)]
    [InlineData(25_600, 4096)]
    public async Task A_hundred_megabytes_through_one_stream_each_way(int count, int size)
    {
        await using var server = await TestServer.StartAsync();
        using var down = server.Client.ServerStream(new TestRequest { Count = count, Size = size });
        var read = 0L;
        await foreach (var reply in down.ResponseStream.ReadAllAsync())
            read += reply.Body.Length;
        Assert.Equal((long)count * size, read);

        using var up = server.Client.ClientStream();
        var request = new TestRequest { Body = ByteString.CopyFrom(new byte[size]) };
        for (var i = 0; i < count; i++)
            await up.RequestStream.WriteAsync(request).DefaultTimeout();
        await up.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.Equal((long)count * size, (await up.ResponseAsync.DefaultTimeout()).Bytes);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_on_one_connection()
    {
        await using var server = await TestServer.StartAsync(
            channel: new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler(), DisposeHttpClient = true });
        var replies = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            using var call = server.Client.Duplex();
            await call.RequestStream.WriteAsync(new TestRequest { Size = i + 1 }).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
            var length = call.ResponseStream.Current.Body.Length;
            await call.RequestStream.CompleteAsync().DefaultTimeout();
            Assert.False(await call.ResponseStream.MoveNext().DefaultTimeout());
            return length;
        }));
        Assert.Equal(Enumerable.Range(1, 1000), replies);
    }
}

/// <summary>Shorter ways to call.</summary>
internal static class CallExtensions
{
    public static async Task<TReply> Send<TRequest, TReply>(
        this AsyncClientStreamingCall<TRequest, TReply> call, params TRequest[] messages)
    {
        using (call)
        {
            foreach (var message in messages)
                await call.RequestStream.WriteAsync(message);
            await call.RequestStream.CompleteAsync();
            return await call;
        }
    }
}
