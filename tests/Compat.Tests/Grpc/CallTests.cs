using Google.Protobuf;
using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>The four kinds of calls.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task An_empty_unary_call()
    {
        using var call = _server.Client.UnaryAsync(new TestRequest());
        var reply = await call.ResponseAsync.DefaultTimeout();
        Assert.Equal(1, reply.Count);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(1_000_000)]
    [InlineData(4_194_304 - 20)]
    public async Task Bodies_of_any_size_up_to_the_limit_go_both_ways(int size)
    {
        var request = new TestRequest { Body = ByteString.CopyFrom(new byte[size]) };
        var reply = await _server.Client.UnaryAsync(request).ResponseAsync.DefaultTimeout();
        Assert.Equal(size, reply.Bytes);
        Assert.Equal(size, reply.Body.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_server_stream_arrives_in_order_and_whole(int count)
    {
        using var call = _server.Client.ServerStream(new TestRequest { Count = count, Size = 100 });
        var counts = new List<int>();
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
            counts.Add(reply.Count);
        Assert.Equal(Enumerable.Range(0, count), counts);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_client_stream_is_counted(int count)
    {
        using var call = _server.Client.ClientStream();
        for (var i = 0; i < count; i++)
            await call.RequestStream.WriteAsync(new TestRequest { Body = ByteString.CopyFrom(new byte[10]) }).DefaultTimeout();
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        var reply = await call.ResponseAsync.DefaultTimeout();
        Assert.Equal((count, count * 10L), (reply.Count, reply.Bytes));
    }

    [Fact]
    public async Task Ping_pong()
    {
        using var call = _server.Client.Duplex();
        for (var i = 1; i <= 100; i++)
        {
            await call.RequestStream.WriteAsync(new TestRequest { Size = i }).DefaultTimeout();
            Assert.True(await call.ResponseStream.MoveNext(default).DefaultTimeout());
            Assert.Equal(i, call.ResponseStream.Current.Body.Length);
        }

        await call.RequestStream.CompleteAsync().DefaultTimeout();
        Assert.False(await call.ResponseStream.MoveNext(default).DefaultTimeout());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }
}
