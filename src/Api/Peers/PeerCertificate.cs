using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchboard.Api.Peers;

/// <summary>
/// The certificate by which this front door is known to the others: made at the start, kept in memory alone, and registered by its SHA-256
/// with the lease. Nobody's signature counts but that entry.
/// </summary>
internal sealed class PeerCertificate : IDisposable
{
    // As long as a process may live. It ends with the process, and its entry with the lease.
    private const int Years = 10;

    public PeerCertificate(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=switchboard-front-door", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        // Through PKCS#12, because TLS on Windows takes no key that lives in memory alone.
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
        Sha256 = Certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    /// <summary>Gets the certificate with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Gets its SHA-256, in hex.</summary>
    public string Sha256 { get; }

    public void Dispose() => Certificate.Dispose();
}
