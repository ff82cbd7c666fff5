using Microsoft.Extensions.Options;

namespace Switchboard.Api.Telemetry;

/// <summary>
/// Which signals go to a collector: OpenTelemetry's own variables, from the environment or any other source of settings (OpenTelemetry
/// specification, "Environment Variable Specification" and "OTLP Exporter Configuration"). Nothing is sent unless an endpoint is named:
/// the specification's default, a collector on this machine, would make every start without one complain.
/// </summary>
/// <param name="Traces">Spans are sent.</param>
/// <param name="Metrics">Metrics are sent.</param>
/// <param name="Logs">Log lines are sent.</param>
internal readonly record struct OtlpSettings(bool Traces, bool Metrics, bool Logs)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public bool Any => Traces || Metrics || Logs;

    /// <exception cref="OptionsValidationException">A value that we read makes no sense; what only the exporter reads, it judges itself.</exception>
    public static OtlpSettings Read(IConfiguration settings)
    {
        if (string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return default;
        List<string> problems = [];
        var found = new OtlpSettings(IsOn(settings, "TRACES", problems), IsOn(settings, "METRICS", problems), IsOn(settings, "LOGS", problems));
        return problems.Count == 0 ? found : throw new OptionsValidationException(Endpoint, typeof(OtlpSettings), problems.Distinct());
    }

    private static bool IsOn(IConfiguration settings, string signal, List<string> problems)
    {
        string exporter = $"OTEL_{signal}_EXPORTER";
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
        string own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        string key = string.IsNullOrEmpty(settings[own]) ? Endpoint : own;
        if (settings[key] is not { Length: > 0 } endpoint)
            return false;
        if (Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https")
            return true;
        problems.Add($"{key} is '{endpoint}'; it must be an address like http://localhost:4317.");
        return false;
    }
}
