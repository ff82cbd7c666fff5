namespace Switchboard.Api.Startup;

/// <summary>
/// Parses the programs' command line: their own flags, and settings as <c>--Switchboard:Listen:HttpPort=9000</c>. Anything else is refused
/// (H8): the configuration provider of Microsoft.Extensions accepts any name silently.
/// </summary>
internal sealed class CommandLine
{
    private static readonly string[] _hostKeys = ["environment", "contentRoot", "applicationName"];
    private static readonly string[] _sections = ["Switchboard:", "Logging:", "Orleans:", "ConnectionStrings:"];

    private CommandLine(IReadOnlySet<string> flags, string[] settings, IReadOnlyList<string> problems)
    {
        Flags = flags;
        Settings = settings;
        Problems = problems;
    }

    /// <summary>The flags that were given, without their dashes.</summary>
    public IReadOnlySet<string> Flags { get; }

    /// <summary>The arguments for <c>WebApplication.CreateBuilder</c>.</summary>
    public string[] Settings { get; }

    /// <summary>The errors, a sentence each; a program that finds any prints them and exits with 2.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Parses a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="flags">The flags of this program, without their dashes.</param>
    public static CommandLine Parse(IReadOnlyList<string> args, params string[] flags)
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        List<string> settings = [];
        List<string> problems = [];
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? arg : arg[..equals]).TrimStart('-');
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                problems.Add($"'{arg}' is not an option; options begin with two dashes.");
            }
            else if (equals < 0 && flags.Contains(name, StringComparer.Ordinal))
            {
                given.Add(name);
            }
            else if (!IsSetting(name))
            {
                problems.Add($"--{name} is not an option; there are {Known(flags)}.");
            }
            else if (equals >= 0)
            {
                settings.Add(arg);
            }
            else if (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings.Add($"{arg}={args[++i]}");
            }
            else
            {
                problems.Add($"--{name} lacks its value.");
            }
        }

        return new CommandLine(given, [.. settings], problems);
    }

    private static bool IsSetting(string name)
        => _hostKeys.Contains(name, StringComparer.OrdinalIgnoreCase)
            || Array.Exists(_sections, s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase) && name.Length > s.Length);

    private static string Known(string[] flags)
        => string.Join(", ", flags.Select(static flag => "--" + flag).Append("--Switchboard:<section>:<setting>=<value>"));
}
