using Microsoft.Extensions.Options;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Holds which signals go to a collector: OpenTelemetry's own variables, from the environment or any other source of settings
/// (OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter Configuration"). Nothing is sent unless an
/// endpoint is named: with the specification's default, a collector on this machine, every start without one would log errors.
/// </summary>
/// <param name="Traces">Whether spans are sent.</param>
/// <param name="Metrics">Whether metrics are sent.</param>
/// <param name="Logs">Whether log records are sent.</param>
internal readonly record struct OtlpSettings(bool Traces, bool Metrics, bool Logs)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public bool Any => Traces || Metrics || Logs;

    /// <exception cref="OptionsValidationException">A value that is read here is invalid; the exporter validates its own.</exception>
    public static OtlpSettings Read(IConfiguration settings)
    {
        if (string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        List<string> problems = [];
        var found = new OtlpSettings(IsOn(settings, "TRACES", problems), IsOn(settings, "METRICS", problems), IsOn(settings, "LOGS", problems));
        return problems.Count == 0 ? found : throw new OptionsValidationException(Endpoint, typeof(OtlpSettings), problems.Distinct());
    }

    private static bool IsOn(IConfiguration settings, string signal, List<string> problems)
    {
        var exporter = $"OTEL_{signal}_EXPORTER";
        switch (settings[exporter])
        {
            case "none":
                return false;
            case null or "" or "otlp":
                break;
            default:
                problems.Add($"{exporter} is '{settings[exporter]}'; it must be otlp or none.");
                return false;
        }
        var own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        var key = string.IsNullOrEmpty(settings[own]) ? Endpoint : own;
        if (settings[key] is not { Length: > 0 } endpoint)
        {
            return false;
        }

        if (Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return true;
        }

        problems.Add($"{key} is '{endpoint}'; it must be an address like http://localhost:4317.");
        return false;
    }
}
