using System.Text;

namespace Switchboard.Bench.Load;

/// <summary>A caller over REST, on a keep-alive connection of its own.</summary>
internal sealed class RestCaller : ICaller
{
    private readonly Http1Connection _connection;
    private readonly Payload _payload;
    private readonly byte[] _request;
    private readonly int _head;

    public RestCaller(Http1Connection connection, Uri server, string agent, Payload payload)
    {
        _connection = connection;
        _payload = payload;
        var length = payload.Next().Length;
        var head = $"POST /v1/agents/{agent}/requests?method=bench HTTP/1.1\r\nHost: {server.Authority}\r\n"
            + $"Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n";
        _head = head.Length;
        _request = new byte[_head + length];
        Encoding.ASCII.GetBytes(head, _request);
    }

    public async ValueTask AskAsync()
    {
        _payload.Next().CopyTo(_request, _head);
        await _connection.ExchangeAsync(_request);
        if (_connection.Status != 200 || !_payload.IsWhole(_connection.Body.Span))
        {
            throw new BenchFailure($"Wrong answer: {_connection.Status} {Encoding.UTF8.GetString(_connection.Body.Span)}");
        }
    }

    public void Dispose() => _connection.Dispose();
}
