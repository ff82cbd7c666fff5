using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Switchboard.Api.Hosting;

/// <summary>Where the front door listens. A port of 0 is chosen by the system.</summary>
public sealed class ListenSettings : IValidatableObject
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Listen";

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

    /// <summary>A PEM file with the certificate (and its chain); empty: no TLS.</summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the certificate's key; empty: it is in the certificate's file.</summary>
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>
    /// How long a client may take to send a request's headers. Default 15 s: slower than any honest client, and a bound on the others.
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

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(Address, out _))
        {
            yield return new ValidationResult($"Address is '{Address}'; it must be an IP address.");
        }

        foreach (var (name, path) in new[] { (nameof(CertificatePath), CertificatePath), (nameof(CertificateKeyPath), CertificateKeyPath) })
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                yield return new ValidationResult($"{name} is '{path}'; it must be a file that can be read.");
            }
        }

        var ports = new[] { HttpPort, GrpcPort, CertificatePath.Length > 0 ? HttpsPort : 0 }.Where(static port => port != 0).ToList();
        if (ports.Distinct().Count() != ports.Count)
        {
            yield return new ValidationResult($"HttpPort {HttpPort}, GrpcPort {GrpcPort} and HttpsPort {HttpsPort} must differ.");
        }
    }
}
