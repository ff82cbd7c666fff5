using System.Text;

namespace Switchboard.Bench.Load;

/// <summary>Keep-alive connections that each post <c>/echo</c> with a message of their own, never the same twice.</summary>
internal sealed class EchoLoad : ILoad
{
    private static readonly Task _nobodyElse = new TaskCompletionSource().Task;

    private readonly List<ICaller> _callers = [];

    public static async Task<EchoLoad> StartAsync(Uri server, BenchOptions options)
    {
        var load = new EchoLoad();
        for (var i = 0; i < options.Callers; i++)
        {
            load._callers.Add(new Caller(await Http1Connection.ConnectAsync(server), server, i));
        }

        return load;
    }

    public Task<LoadResult> RunAsync(TimeSpan time, CancellationToken token) => ClosedLoop.RunAsync(_callers, time, _nobodyElse, token);

    public ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
        {
            caller.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private sealed class Caller : ICaller
    {
        private static readonly byte[] _prefix = "SUCCESS create \""u8.ToArray();

        private readonly Http1Connection _connection;
        private readonly byte[] _request;
        private readonly Memory<byte> _message;
        private readonly Memory<byte> _count;
        private long _asked;

        public Caller(Http1Connection connection, Uri server, int number)
        {
            _connection = connection;
            var message = $"c{number:d4}-000000000000";
            var body = $$"""{"kind":"create","message":"{{message}}"}""";
            var head = $"POST /echo HTTP/1.1\r\nHost: {server.Authority}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
            _request = Encoding.ASCII.GetBytes(head + body);
            _message = _request.AsMemory(_request.Length - message.Length - 2, message.Length);
            _count = _message[^12..];
        }

        public async ValueTask AskAsync()
        {
            (_asked++).TryFormat(_count.Span, out _, "d12");
            await _connection.ExchangeAsync(_request);
            if (_connection.Status == 200 && IsRight(_connection.Body.Span, _message.Span))
            {
                return;
            }

            var (asked, answer) = (Encoding.UTF8.GetString(_message.Span), Encoding.UTF8.GetString(_connection.Body.Span));
            throw new BenchFailure($"Wrong answer to {asked}: {_connection.Status} {answer}");
        }

        public void Dispose() => _connection.Dispose();

        private static bool IsRight(ReadOnlySpan<byte> body, ReadOnlySpan<byte> message) =>
            body.Length == _prefix.Length + message.Length + 1 && body.StartsWith(_prefix) && body[^1] == '"'
            && body[_prefix.Length..^1].SequenceEqual(message);
    }
}
