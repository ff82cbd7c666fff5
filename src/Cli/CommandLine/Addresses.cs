using System.CommandLine;

namespace Switchboard.Cli.CommandLine;

/// <summary>Finds the gateway's address: an option, else an environment variable, else this machine.</summary>
internal static class Addresses
{
    public const string RestVariable = "SWITCHBOARD_URL";
    public const string GrpcVariable = "SWITCHBOARD_GRPC_URL";
    private const string RestDefault = "http://127.0.0.1:8080";
    private const string GrpcDefault = "http://127.0.0.1:8081";

    /// <summary>Creates the option of commands that use gRPC.</summary>
    public static Option<Uri> Grpc(Terminal terminal) => Option(terminal, "gRPC", GrpcVariable, GrpcDefault);

    /// <summary>Creates the option of commands that use REST.</summary>
    public static Option<Uri> Rest(Terminal terminal) => Option(terminal, "REST", RestVariable, RestDefault);

    private static Option<Uri> Option(Terminal terminal, string protocol, string variable, string fallback)
    {
        var option = new Option<Uri>("--url")
        {
            Description = $"The gateway's {protocol} address; ${variable} sets another default",
            HelpName = "url",
            CustomParser = result => Parse(result.Tokens[^1].Value, result.AddError, "--url"),
        };
        // An invalid environment variable is an error too: the default would reach another gateway.
        option.DefaultValueFactory = result =>
            Parse(terminal.Environment(variable) is { Length: > 0 } set ? set : fallback, result.AddError, variable);
        return option;
    }

    private static Uri Parse(string text, Action<string> error, string where)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        error($"{where} is '{text}'; it must be an address such as {RestDefault}.");
        return new Uri(RestDefault);
    }
}
