using Grpc.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>Headers and trailers.</summary>
public sealed class MetadataTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Text_and_bytes_go_there_and_come_back_as_headers_and_trailers(int messages)
    {
        byte[] bytes = [0xab, 0xab, 0xab, 0, 255];
        var headers = new Metadata { { "X-Echo-Text", "some text" }, { "x-echo-bytes-bin", bytes } };
        using var call = _server.Client.Duplex(headers);
        await call.RequestStream.WriteAsync(new TestRequest { Act = "echo-metadata" }).DefaultTimeout();

        var received = await call.ResponseHeadersAsync.DefaultTimeout();
        for (var i = 0; i < messages; i++)
            Assert.True(await call.ResponseStream.MoveNext().DefaultTimeout());
        await call.RequestStream.CompleteAsync().DefaultTimeout();
        while (await call.ResponseStream.MoveNext().DefaultTimeout())
        {
        }

        foreach (var metadata in new[] { received, call.GetTrailers() })
        {
            Assert.Equal("some text", metadata.GetValue("x-echo-text"));
            Assert.Equal(bytes, metadata.GetValueBytes("x-echo-bytes-bin"));
        }

        // HTTP's own are the metadata of nobody.
        Assert.DoesNotContain(received, e => e.Key is "content-type" || e.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Response_headers_arrive_before_the_first_message_and_only_once()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Probe.Own = async context =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "request-id", "17" } });
            var twice = await Assert.ThrowsAsync<InvalidOperationException>(() => context.WriteResponseHeadersAsync([]));
            _server.Probe.Say("twice", twice.Message);
            await gate.Task.DefaultTimeout();
        };
        using var call = _server.Client.UnaryAsync(new TestRequest { Act = "own" });
        var headers = await call.ResponseHeadersAsync.DefaultTimeout();
        Assert.Equal("17", headers.GetValue("request-id"));
        Assert.False(call.ResponseAsync.IsCompleted);
        gate.SetResult();
        await call.ResponseAsync.DefaultTimeout();
        Assert.Equal("Response headers can only be sent once per call.", await _server.Probe.Heard("twice").DefaultTimeout());
    }

    [Fact]
    public async Task The_handler_sees_who_calls_what_and_how()
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5);
        ServerCallContext? seen = null;
        _server.Probe.Own = context =>
        {
            seen = context;
            context.UserState["key"] = 1;
            _server.Probe.Say("method", context.Method);
            _server.Probe.Say("host", context.Host);
            _server.Probe.Say("peer", context.Peer);
            _server.Probe.Say("deadline", context.Deadline);
            _server.Probe.Say("items", context.GetHttpContext().Items["key"]);
            _server.Probe.Say("path", context.GetHttpContext().Request.Path.Value);
            _server.Probe.Say("headers", context.RequestHeaders.Select(e => e.Key).Order().ToArray());
            return Task.CompletedTask;
        };
        var headers = new Metadata { { "a", "b" } };
        await _server.Client.UnaryAsync(new TestRequest { Act = "own" }, headers, deadline).ResponseAsync.DefaultTimeout();
        Assert.NotNull(seen);
        Assert.Equal("/switchboard.compat.test.TestService/Unary", await _server.Probe.Heard("method").DefaultTimeout());
        Assert.Equal("/switchboard.compat.test.TestService/Unary", await _server.Probe.Heard("path").DefaultTimeout());
        Assert.Equal(new Uri(_server.Address).Authority, await _server.Probe.Heard("host").DefaultTimeout());
        Assert.StartsWith("ipv4:127.0.0.1:", (string?)await _server.Probe.Heard("peer").DefaultTimeout(), StringComparison.Ordinal);
        Assert.Equal(1, await _server.Probe.Heard("items").DefaultTimeout());
        Assert.Equal(["a", "user-agent"], (string[])(await _server.Probe.Heard("headers").DefaultTimeout())!);

        var off = ((DateTime)(await _server.Probe.Heard("deadline").DefaultTimeout())! - deadline).Duration();
        Assert.True(off < TimeSpan.FromSeconds(3), $"{off} off");
    }

    [Fact]
    public async Task Without_a_deadline_it_is_the_end_of_time()
    {
        _server.Probe.Own = context =>
        {
            _server.Probe.Say("deadline", context.Deadline);
            return Task.CompletedTask;
        };
        await _server.Client.UnaryAsync(new TestRequest { Act = "own" }).ResponseAsync.DefaultTimeout();
        Assert.Equal(DateTime.MaxValue, await _server.Probe.Heard("deadline").DefaultTimeout());
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("umlaut-\u00e4")]
    [InlineData("bytes-bin")]
    public void A_key_that_cannot_be_sent_is_refused(string key) =>
        Assert.Throws<ArgumentException>(() => new Metadata { { key, "text" } });

    [Fact]
    public void A_collection_of_entries()
    {
        var metadata = new Metadata { { "A", "1" }, { "b", "2" }, { "a", "3" }, { "x-bin", [1, 2] } };
        Assert.Equal(["a", "b", "a", "x-bin"], metadata.Select(e => e.Key));
        Assert.Equal("3", metadata.GetValue("A"));
        Assert.Equal(["1", "3"], metadata.GetAll("a").Select(e => e.Value));
        Assert.Null(metadata.GetValue("c"));
        Assert.True(metadata.Get("x-bin")!.IsBinary);
        Assert.Throws<InvalidOperationException>(() => metadata.GetValue("x-bin"));
        Assert.Throws<ArgumentException>(() => metadata.Add("y", [1]));
        Assert.Equal("2"u8.ToArray(), metadata.GetValueBytes("b"));
    }
}
