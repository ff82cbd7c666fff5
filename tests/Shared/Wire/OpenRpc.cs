using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Switchboard.TestSupport;

/// <summary>A gRPC call by hand that goes on: its bytes are sent piece by piece, whether they make messages or not.</summary>
internal sealed class OpenRpc : IDisposable
{
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly CancellationTokenSource _gone = new();
    private readonly HttpRequestMessage _request;

    public OpenRpc(HttpClient client, string rpc, params (string Name, string Value)[] headers)
    {
        _request = new HttpRequestMessage(HttpMethod.Post, new Uri(rpc, UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(_body.Reader.AsStream()),
        };
        _request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/grpc");
        _request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in headers)
        {
            _request.Headers.TryAddWithoutValidation(name, value);
        }

        End = RunAsync(client);
    }

    /// <summary>How it ended.</summary>
    public Task<RpcEnd> End { get; }

    public async Task SendAsync(byte[] bytes) => await _body.Writer.WriteAsync(bytes);

    /// <summary>Half-closes.</summary>
    public void Complete() => _body.Writer.Complete();

    /// <summary>Resets the call.</summary>
    public void Dispose()
    {
        _gone.Cancel();
        _request.Dispose();
    }

    private async Task<RpcEnd> RunAsync(HttpClient client)
    {
        using var response = await client.SendAsync(_request, HttpCompletionOption.ResponseHeadersRead, _gone.Token);
        await response.Content.ReadAsByteArrayAsync(_gone.Token);
        string? Find(string name)
        {
            var found = response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values);
            return found ? values!.First() : null;
        }

        var status = Find("grpc-status") is { } text ? (StatusCode)int.Parse(text, CultureInfo.InvariantCulture) : (StatusCode?)null;
        return new RpcEnd(response.StatusCode, status, Uri.UnescapeDataString(Find("grpc-message") ?? ""), Find("switchboard-reason"));
    }
}
