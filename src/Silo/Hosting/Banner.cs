using System.Reflection;
using Switchboard.Silo.Demo;

namespace Switchboard.Silo.Hosting;

/// <summary>Writes the program's message after the start: where it listens, and what to try next.</summary>
internal static class Banner
{
    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(Banner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "?";

    /// <summary>Returns the lines.</summary>
    public static string Lines(Uri rest, Uri grpc, Uri admin, bool demo)
    {
        var cli = rest.Port == 8080 && grpc.Port == 8081 ? "./switchboard" : $"SWITCHBOARD_URL={Text(rest)} SWITCHBOARD_GRPC_URL={Text(grpc)} ./switchboard";
        var tryNext = demo
            ? $"""
              The demo agent is connected. Try, in another terminal:
                curl -N -d hello '{Text(rest)}/v1/agents/{DemoAgent.Id}/requests?method=greet'
              """
            : $"""
              Try, in two other terminals:
                {cli} agent --id my-agent
                {cli} call my-agent greet --body hello
              """;
        return $"""
            Switchboard {Version}
              REST   {Text(rest)}
              gRPC   {Text(grpc)}
              admin  {Text(admin)}/dashboard
            {tryNext}
            Ctrl+C stops it.
            """;
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
