using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchboard.Core.Admission;

namespace Switchboard.Api.Hosting;

/// <summary>Where the front door listens. A port of 0 is chosen by the system.</summary>
public sealed class ListenSettings : IValidatableObject
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Listen";

    private const int ConnectionsWithoutLimit = 65_536;

    /// <summary>The IP address; loopback unless told otherwise, because part A has no authentication.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>REST over HTTP/1.1. Default 8080.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; set; } = 8080;

    /// <summary>gRPC over HTTP/2 without TLS. Default 8081.</summary>
    [Range(0, 65535)]
    public int GrpcPort { get; set; } = 8081;

    /// <summary>Both, over TLS; only where there is a certificate. Default 8443.</summary>
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
    /// The host names by which the gateway is called (<c>Host</c>, <c>:authority</c>), without port; a request by another name is refused.
    /// <c>*</c> takes any. Default: while everything listens on loopback, <c>localhost</c>, names below it, and loopback addresses, so
    /// that a page in a browser cannot reach the gateway by a name of its own (DNS rebinding); otherwise any.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>A PEM file with the certificate (and its chain); empty: no TLS.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the certificate's key; empty: it is in the certificate's file.</summary>
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>
    /// How long a client may take to send a request's headers, and how long a new connection may be without its first request. Default
    /// 15 s: slower than any honest client, and a bound on the others.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestHeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a REST connection may be idle between two requests. Default 130 s: longer than common proxies keep theirs.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// Silence on an HTTP/2 connection after which it is asked whether it is still there; and how long it has to answer.
    /// Default 10 s: twice that is within the 30 s in which a half-open connection must be found.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:15")]
    public TimeSpan KeepAlivePing { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Streams that one HTTP/2 connection may have. Default 4,096: each has a window of 128 KiB, so the connection's is 512 MiB.
    /// </summary>
    [Range(1024, 16383)]
    public int StreamsPerConnection { get; set; } = 4096;

    /// <summary>
    /// Connections of REST and gRPC together; what comes beyond is closed at once. Default 0: as many as the process's limit of open
    /// files allows (<see cref="OpenFileBudget"/>), and 65,536 where there is none.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; set; }

    /// <summary>
    /// Connections from one address. Default 0: no limit, because a whole fleet may come from behind one address.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>Gets <see cref="MaxConnections"/>, or what takes its place where it is 0.</summary>
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
            // None is wanted, or it was named above.
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
