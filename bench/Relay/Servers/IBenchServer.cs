namespace Switchboard.Bench.Servers;

/// <summary>A server within a child process.</summary>
internal interface IBenchServer : IAsyncDisposable
{
    /// <summary>Where HTTP/1.1 is spoken.</summary>
    Uri Http { get; }

    /// <summary>Where HTTP/2 without TLS is spoken.</summary>
    Uri Grpc { get; }
}
