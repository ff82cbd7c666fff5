using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchboard.Api.Hosting;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Listening;

/// <summary>Provides options for listening. A port of 0 is chosen by the system.</summary>
public sealed class ListeningOptions : IValidatableObject
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Listen";

    private const int ConnectionsWithoutLimit = 65_536;

    /// <summary>The IP address. Default loopback, because part A has no authentication.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port of REST over HTTP/1.1. Default 8080.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; set; } = 8080;

    /// <summary>The port of gRPC over HTTP/2 without TLS. Default 8081.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; set; } = 8081;

    /// <summary>The port of both over TLS; only with a certificate. Default 8443.</summary>
    [Range(0, 65535)]
    public int HttpsPort { get; set; } = 8443;

    /// <summary>
    /// The admin port, HTTP/1.1: the Orleans dashboard, and <c>/metrics</c> and <c>/health</c> as on <see cref="HttpPort"/>. Default 8088.
    /// </summary>
    [Range(0, 65535)]
    public int AdminPort { get; set; } = 8088;

    /// <summary>The admin port's IP address. Default loopback: the dashboard shows everything, the log too.</summary>
    [Required]
    public string AdminAddress { get; set; } = "127.0.0.1";

    /// <summary>
    /// The host names of the gateway (<c>Host</c>, <c>:authority</c>), without port; a request with another one is refused. <c>*</c> allows
    /// any. Default: while all addresses are loopback, <c>localhost</c>, names below it, and loopback addresses, so that a page in a
    /// browser cannot reach the gateway by a name of its own (DNS rebinding); otherwise any.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>A PEM file with the certificate (and its chain); empty: no TLS.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the certificate's key; empty: it is in the certificate's file.</summary>
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>
    /// The time that a client has to send a request's headers and, with 2 s more, that a new connection has to send its first request.
    /// Default 15 s: slower than any correct client, and a limit for others.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestHeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a REST connection may be idle between two requests. Default 130 s: longer than common proxies keep theirs.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// The time of silence on an HTTP/2 connection after which a ping is sent, and the time that the peer has to reply. Default 10 s: twice
    /// that is within the 30 s in which a half-open connection must be found.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:15")]
    public TimeSpan KeepAlivePing { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The maximum number of streams of one HTTP/2 connection. Default 4,096: each has a window of 128 KiB, so the connection's is 512 MiB.
    /// </summary>
    [Range(1024, 16383)]
    public int StreamsPerConnection { get; set; } = 4096;

    /// <summary>
    /// The maximum number of connections of REST and gRPC together; more are closed at once. Default 0: as many as the process's limit of
    /// open files allows (<see cref="OpenFileBudget"/>), and 65,536 if there is none.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; set; }

    /// <summary>
    /// The maximum number of connections from one address. Default 0: no limit, because a whole fleet may connect from one address.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>Gets <see cref="MaxConnections"/>, or the computed limit if it is 0.</summary>
    internal int EffectiveMaxConnections => MaxConnections > 0 ? MaxConnections : ConnectionsThatFit ?? ConnectionsWithoutLimit;

    private static int? ConnectionsThatFit => OpenFiles.Limit is { } limit ? OpenFileBudget.Connections(limit, OpenFiles.Count) : null;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, address) in new[] { (nameof(Address), Address), (nameof(AdminAddress), AdminAddress) })
        {
            if (!IPAddress.TryParse(address, out _))
            {
                yield return new ValidationResult($"{name} is '{address}'; it must be an IP address.");
            }
        }

        if (ConnectionsThatFit is { } fit && fit < Math.Max(MaxConnections, OpenFileBudget.LeastConnections))
        {
            yield return new ValidationResult(
                $"MaxConnections is '{MaxConnections}'; the process may open {OpenFiles.Limit} files, which leaves {fit} connections. "
                + "Raise the limit of open files (ulimit -n), or set fewer connections.");
        }

        foreach (var (name, path) in new[] { (nameof(CertificatePath), CertificatePath), (nameof(CertificateKeyPath), CertificateKeyPath) })
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                yield return new ValidationResult($"{name} is '{path}'; it must be a file that can be read.");
            }
        }

        if (CertificateProblem() is { } problem)
        {
            yield return new ValidationResult(problem);
        }

        var ports = new[] { HttpPort, GrpcPort, AdminPort, CertificatePath.Length > 0 ? HttpsPort : 0 }.Where(static port => port != 0).ToList();
        if (ports.Distinct().Count() != ports.Count)
        {
            yield return new ValidationResult($"HttpPort {HttpPort}, GrpcPort {GrpcPort}, AdminPort {AdminPort} and HttpsPort {HttpsPort} must differ.");
        }
    }

    /// <summary>Loads the certificate and its key.</summary>
    internal X509Certificate2 LoadCertificate()
        => X509Certificate2.CreateFromPemFile(CertificatePath, CertificateKeyPath.Length > 0 ? CertificateKeyPath : CertificatePath);

    private string? CertificateProblem()
    {
        if (!File.Exists(CertificatePath) || (CertificateKeyPath.Length > 0 && !File.Exists(CertificateKeyPath)))
        {
            // None is configured, or the error was reported above.
            return null;
        }

        try
        {
            LoadCertificate().Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return $"CertificatePath is '{CertificatePath}'; it must be a PEM file with a certificate, and its key must be there or in CertificateKeyPath: {e.Message}";
        }
    }
}
