using System.Text;
using Switchboard.Cli.CommandLine;
using Switchboard.Client.Tests.Fakes;

namespace Switchboard.Client.Tests.Cli;

/// <summary>Runs the command line in this process and holds its result.</summary>
internal sealed record CliRun(int Code, string Out, string Error)
{
    public static async Task<CliRun> RunAsync(
        string[] args, FakeGateway? gateway = null, string input = "", Stream? full = null, CancellationToken stop = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        var terminal = new Terminal
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input)),
            Out = full ?? output,
            Error = error,
            Environment = name => name switch
            {
                Addresses.GrpcVariable => gateway?.Address.ToString(),
                Addresses.RestVariable => gateway?.RestAddress.ToString(),
                _ => null,
            },
        };
        var code = await SwitchboardCommand.RunAsync(args, terminal, stop).DefaultTimeout();
        return new CliRun(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
