using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Switchboard.Compat.Tests.Grpc.V1;
using Switchboard.TestSupport;

namespace Switchboard.Compat.Tests.Grpc;

/// <summary>What a server makes of requests that no client of ours would send.</summary>
public sealed class RawRequestTests : IAsyncLifetime, IDisposable
{
    private const string Unary = "/switchboard.compat.test.TestService/Unary";
    private const string ClientStream = "/switchboard.compat.test.TestService/ClientStream";

    private readonly HttpClient _http = new(new SocketsHttpHandler());
    private TestServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await TestServer.StartAsync(o => o.MaxReceiveMessageSize = 10_000, app => app.MapPost("/a/b", () => "rest"));

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("application/json", 415, "Content-Type 'application/json' is not supported.")]
    [InlineData("application/grpcx", 415, "Content-Type 'application/grpcx' is not supported.")]
    [InlineData(null, 415, "Content-Type is missing from the request.")]
    [InlineData("application/grpc+proto", 200, null)]
    [InlineData("application/grpc;charset=utf-8", 200, null)]
    public async Task Content_types(string? type, int status, string? detail)
    {
        var response = await PostAsync(Unary, Frame(new TestRequest()), type);
        Assert.Equal(status, (int)response.Http.StatusCode);
        Assert.Equal(detail, response.Detail);
        Assert.Equal(detail is null ? StatusCode.OK : StatusCode.Internal, response.Status);
    }

    [Fact]
    public async Task Other_methods_and_endpoints_are_http()
    {
        using var get = new HttpRequestMessage(HttpMethod.Get, _server.Address + Unary)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var got = await _http.SendAsync(get).DefaultTimeout();
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
        Assert.Equal("rest", await (await PostAsync("/a/b", [], "text/plain")).Http.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/no/such", [], "text/plain")).Http.StatusCode);
        Assert.Equal(StatusCode.Unimplemented, (await PostAsync("/no/such", [], "application/grpc")).Status);
    }

    [Fact]
    public async Task HTTP_1_is_told_to_upgrade()
    {
        await using var server = await TestServer.StartAsync(protocols: HttpProtocols.Http1);
        using var content = new ByteArrayContent(Frame(new TestRequest()));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var response = await _http.PostAsync(server.Address + Unary, content).DefaultTimeout();
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Theory]
    [InlineData("", StatusCode.Internal, "Incomplete message.")]
    [InlineData("00 00", StatusCode.Internal, "Incomplete message.")]
    [InlineData("00 00 00 00 03 01 02", StatusCode.Internal, "Incomplete message.")]
    [InlineData("00 00 00 00 00 00 00 00 00 00", StatusCode.Internal, "Additional data after the message received.")]
    [InlineData("07 00 00 00 00", StatusCode.Unknown, "Exception was thrown by handler.")]
    [InlineData("00 FF FF FF FF", StatusCode.Unknown, "Exception was thrown by handler.")]
    [InlineData("00 00 00 27 11", StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.")]
    [InlineData("01 00 00 00 00", StatusCode.Internal, "Request did not include grpc-encoding value with compressed message.")]
    [InlineData("00 00 00 00 02 FF FF", StatusCode.Unknown, "Exception was thrown by handler.")]
    public async Task Broken_frames_of_a_unary_call(string hex, StatusCode status, string detail)
    {
        var response = await PostAsync(Unary, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal((status, detail), (response.Status, response.Detail));
    }

    [Fact]
    public async Task Messages_that_come_in_one_piece_are_seen_without_waiting_for_more()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Probe.OwnDuplex = async (requests, _, _) =>
        {
            for (var i = 0; i < 3; i++) Assert.True(await requests.MoveNext());
            seen.SetResult();
        };
        byte[] three = [.. Frame(new TestRequest { Count = 1 }), .. Frame(new TestRequest { Count = 2 }), .. Frame(new TestRequest())];
        using var request = Request("/switchboard.compat.test.TestService/Duplex", new SilentContent(three, seen.Task));
        using var response = await _http.SendAsync(request).DefaultTimeout();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_frame_cut_in_half_in_a_stream()
    {
        var response = await PostAsync(ClientStream, [.. Frame(new TestRequest()), 0, 0, 0, 0, 9, 1]);
        Assert.Equal((StatusCode.Internal, "Incomplete message."), (response.Status, response.Detail));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Compressed_messages_are_read(string encoding)
    {
        var message = new TestRequest { Body = ByteString.CopyFrom(new byte[5000]) };
        byte[] frames = [.. Frame(message, encoding), .. Frame(message), .. Frame(message, encoding)];
        var response = await PostAsync(ClientStream, frames, encoding: encoding);
        Assert.Equal(StatusCode.OK, response.Status);
        Assert.Equal((3, 15_000L), (response.Reply!.Count, response.Reply.Bytes));
    }

    [Theory]
    [InlineData("snappy", StatusCode.Unimplemented)]
    [InlineData("identity", StatusCode.Internal)]
    public async Task Compression_that_is_not_known_or_not_announced(string encoding, StatusCode status)
    {
        var response = await PostAsync(Unary, Frame(new TestRequest(), "gzip"), encoding: encoding);
        Assert.Equal(status, response.Status);
        if (encoding == "snappy")
            Assert.Equal("identity,gzip,deflate", response.Http.Headers.GetValues("grpc-accept-encoding").Single());
    }

    /// <summary>Differs from grpc-dotnet on purpose: it counts the packed bytes only, so that a few can take gigabytes of memory.</summary>
    [Fact]
    public async Task The_limit_counts_for_what_a_message_unpacks_to()
    {
        var bomb = Frame(new TestRequest { Body = ByteString.CopyFrom(new byte[1 << 20]) }, "gzip");
        var response = await PostAsync(Unary, bomb, encoding: "gzip");
        Assert.Equal(Packages.AreStandIns ? StatusCode.ResourceExhausted : StatusCode.OK, response.Status);
    }

    /// <summary>Differs from grpc-dotnet on purpose: the protocol lets values be joined by commas and says to split them.</summary>
    [Fact]
    public async Task Binary_values_in_one_line()
    {
        _server.Probe.Own = context =>
        {
            _server.Probe.Say("values", context.RequestHeaders.GetAll("x-bin").Select(e => e.ValueBytes.Single()).ToArray());
            return Task.CompletedTask;
        };
        var response = await PostAsync(Unary, Frame(new TestRequest { Act = "own" }), metadata: ("x-bin", "AQ==,Ag"));
        Assert.Equal(Packages.AreStandIns ? StatusCode.OK : StatusCode.Unknown, response.Status);
        if (Packages.AreStandIns) Assert.Equal(new byte[] { 1, 2 }, await _server.Probe.Heard("values").DefaultTimeout());
    }

    [Theory]
    [InlineData("1H", 3600)]
    [InlineData("2M", 120)]
    [InlineData("90S", 90)]
    [InlineData("90000m", 90)]
    [InlineData("90000000u", 90)]
    [InlineData("99999999S", 99999999)]
    [InlineData("x", null)]
    [InlineData("", null)]
    [InlineData("-5S", null)]
    [InlineData("5", null)]
    [InlineData("0S", null)]
    public async Task Timeouts(string timeout, int? seconds)
    {
        _server.Probe.Own = context =>
        {
            _server.Probe.Say("deadline", context.Deadline);
            return Task.CompletedTask;
        };
        var response = await PostAsync(Unary, Frame(new TestRequest { Act = "own" }), timeout: timeout);
        Assert.Equal(StatusCode.OK, response.Status);
        var deadline = (DateTime)(await _server.Probe.Heard("deadline").DefaultTimeout())!;
        if (seconds is null)
            Assert.Equal(DateTime.MaxValue, deadline);
        else
            Assert.InRange((deadline - TimeProvider.System.GetUtcNow().UtcDateTime).TotalSeconds, seconds.Value - 20, seconds.Value + 1);
    }

    [Fact]
    public async Task At_the_deadline_the_handlers_trailers_stay_behind()
    {
        _server.Probe.Own = context =>
        {
            context.ResponseTrailers.Add("x-late", "yes");
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        };
        var response = await PostAsync(Unary, Frame(new TestRequest { Act = "own" }), timeout: "100m");
        Assert.Equal((StatusCode.DeadlineExceeded, "Deadline Exceeded"), (response.Status, response.Detail));
        Assert.False(response.Http.TrailingHeaders.Contains("x-late") || response.Http.Headers.Contains("x-late"));
    }

    private static byte[] Frame(TestRequest message, string? encoding = null)
    {
        var payload = message.ToByteArray();
        if (encoding is not null)
            payload = Packing.Pack(payload, encoding);

        var frame = new byte[payload.Length + 5];
        frame[0] = encoding is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    private HttpRequestMessage Request(string path, HttpContent body, string? type = "application/grpc")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _server.Address + path) { Content = body };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        return request;
    }

    private async Task<RawResponse> PostAsync(
        string path, byte[] body, string? type = "application/grpc", string? encoding = null, string? timeout = null,
        (string Name, string Value)? metadata = null)
    {
        var request = Request(path, new ByteArrayContent(body), type);
        if (encoding is not null)
            request.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
        if (timeout is not null)
            request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
        if (metadata is { } entry)
            request.Headers.TryAddWithoutValidation(entry.Name, entry.Value);
        var response = await _http.SendAsync(request).DefaultTimeout();
        var content = await response.Content.ReadAsByteArrayAsync().DefaultTimeout();
        string? Value(string name) =>
            response.TrailingHeaders.TryGetValues(name, out var t) || response.Headers.TryGetValues(name, out t) ? t.Single() : null;
        return new RawResponse(
            response,
            Value("grpc-status") is { } status ? (StatusCode)int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) : null,
            Value("grpc-message") is { } detail ? Uri.UnescapeDataString(detail) : null,
            content.Length > 5 && type == "application/grpc" ? TestReply.Parser.ParseFrom(content, 5, content.Length - 5) : null);
    }

    private sealed record RawResponse(HttpResponseMessage Http, StatusCode? Status, string? Detail, TestReply? Reply);
}
