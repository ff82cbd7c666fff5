using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Listening;

/// <summary>
/// Limits the connections of the public end points together, and closes those that send no request. A connection beyond the limit is closed
/// at once: a process that is at its limit of open files could not accept at all, and would retry in a busy loop.
/// </summary>
internal sealed partial class ConnectionGate
{
    // The time that a connection which was asked to close has for it.
    private static readonly TimeSpan _closingTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _warningPause = TimeSpan.FromMinutes(1);

    private readonly LimitRejections _rejections;
    private readonly TimeProvider _time;
    private readonly ILogger<ConnectionGate> _logger;
    private readonly KeyedCounts<ulong>? _perAddress;
    private readonly int _mostPerAddress;
    private readonly TimeSpan _firstRequest;
    private readonly Lock _warning = new();
    private long? _warned;
    private int _open;

    public ConnectionGate(IOptions<ListeningOptions> listen, LimitRejections rejections, TimeProvider time, ILogger<ConnectionGate> logger)
    {
        var settings = listen.Value;
        Limit = settings.EffectiveMaxConnections;
        _mostPerAddress = settings.MaxConnectionsPerAddress;
        _perAddress = _mostPerAddress > 0 ? new(_mostPerAddress) : null;
        // Later than Kestrel's own check of slow headers, which runs once a second and responds 408.
        _firstRequest = settings.RequestHeadersTimeout + TimeSpan.FromSeconds(2);
        (_rejections, _time, _logger) = (rejections, time, logger);
    }

    /// <summary>The maximum number of connections.</summary>
    public int Limit { get; }

    /// <summary>The number of open connections.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Wraps an end point's connections.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => connection => OnConnectionAsync(connection, next);

    private async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = _perAddress is null ? 0 : CallerAddress.KeyOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryEnter(address))
        {
            connection.Abort(new ConnectionAbortedException("The limit of connections is reached."));
            return;
        }

        try
        {
            await using var first = new FirstRequest(connection, _firstRequest, _time);
            connection.Features.Set(first);
            await next(connection);
        }
        finally
        {
            Exit(address);
        }
    }

    private bool TryEnter(ulong address)
    {
        if (Interlocked.Increment(ref _open) > Limit)
        {
            Refuse(AdmissionLimit.ProcessConnections, Limit);
        }
        else if (address != 0 && !_perAddress!.TryEnter(address))
        {
            Refuse(AdmissionLimit.AddressConnections, _mostPerAddress);
        }
        else
        {
            return true;
        }

        Interlocked.Decrement(ref _open);
        return false;
    }

    private void Exit(ulong address)
    {
        if (address != 0)
        {
            _perAddress!.Exit(address);
        }

        Interlocked.Decrement(ref _open);
    }

    private void Refuse(AdmissionLimit limit, int value)
    {
        var words = _rejections.Count(limit, value);
        lock (_warning)
        {
            if (_warned is { } last && _time.GetElapsedTime(last) < _warningPause)
            {
                return;
            }

            _warned = _time.GetTimestamp();
        }

        Log.Refused(_logger, words);
    }

    /// <summary>
    /// Waits for a connection's first request. A silent connection, a TLS handshake or an HTTP/2 preface without a request occupy a handle,
    /// and cost the client nothing. Kestrel's own limits begin with the first byte, or leave an idle HTTP/2 connection for minutes.
    /// </summary>
    internal sealed class FirstRequest : IAsyncDisposable
    {
        private readonly ConnectionContext _connection;
        private readonly ITimer _timer;
        private bool _asked;
        private bool _seen;

        public FirstRequest(ConnectionContext connection, TimeSpan patience, TimeProvider time)
        {
            _connection = connection;
            _timer = time.CreateTimer(static state => ((FirstRequest)state!).Close(), this, patience, _closingTime);
        }

        /// <summary>
        /// Notes that a request has arrived: from here on Kestrel's own limits apply, to the headers of the next and to an idle connection.
        /// </summary>
        public void Seen()
        {
            if (_seen)
            {
                return;
            }

            _seen = true;
            _timer.Dispose();
        }

        public ValueTask DisposeAsync() => _timer.DisposeAsync();

        // First as a server that shuts down does: an HTTP/2 client gets GOAWAY, and knows that none of its requests was processed. A
        // request that arrives in between is served.
        private void Close()
        {
            if (_asked || _connection.Features.Get<IConnectionLifetimeNotificationFeature>() is not { } lifetime)
            {
                _connection.Abort(new ConnectionAbortedException("No request came on this connection."));
                return;
            }

            _asked = true;
            lifetime.RequestClose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventIds.ConnectionsRefused,
            LogLevel.Warning,
            "Connections are refused: {Words}. Said once a minute; switchboard.admission.refused counts them.")]
        public static partial void Refused(ILogger logger, string words);
    }
}

/// <summary>Notifies a connection's gate of its first request.</summary>
internal static class FirstRequestExtensions
{
    /// <summary>Adds the middleware; call before all others, because any request counts.</summary>
    public static void UseFirstRequest(this WebApplication app) => app.Use(static next => context =>
    {
        context.Features.Get<ConnectionGate.FirstRequest>()?.Seen();
        return next(context);
    });
}
