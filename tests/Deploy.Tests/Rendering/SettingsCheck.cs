using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Switchboard.Silo.Hosting;

namespace Switchboard.Deploy.Tests.Rendering;

/// <summary>The program itself, asked what it says of settings.</summary>
internal sealed class SettingsCheck : IDisposable
{
    /// <summary>Where the manifests mount the certificate.</summary>
    public const string CertificateFolder = "/etc/switchboard/tls";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchboard-deploy-");

    public SettingsCheck()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=switchboard", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        File.WriteAllText(Path.Combine(_folder.FullName, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "tls.key"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The program with these settings, not started; a certificate is the one of this test.</summary>
    public WebApplication Build(IEnumerable<KeyValuePair<string, string>> settings) => SiloProgram.Build(
        [.. settings.Select(s => $"--{s.Key}={s.Value.Replace(CertificateFolder, _folder.FullName, StringComparison.Ordinal)}")]);

    /// <summary>All that the program says is wrong: unknown keys, values that are none.</summary>
    public async Task<IReadOnlyList<string>> ProblemsOfAsync(IEnumerable<KeyValuePair<string, string>> settings)
    {
        try
        {
            await using var app = Build(settings);
            return [];
        }
        catch (Exception e) when (e is OptionsValidationException or AggregateException)
        {
            var all = e is AggregateException several ? several.Flatten().InnerExceptions : [e];
            return [.. all.SelectMany(x => x is OptionsValidationException wrong ? wrong.Failures : [x.ToString()])];
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
