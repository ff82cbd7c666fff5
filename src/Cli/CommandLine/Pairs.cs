using System.CommandLine;
using System.CommandLine.Parsing;

namespace Switchboard.Cli.CommandLine;

/// <summary>Creates options that take a name and a value and can be repeated.</summary>
internal static class Pairs
{
    /// <summary>Creates an option of pairs. The last value of a name applies.</summary>
    public static Option<Dictionary<string, string>> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "name=value",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = Parse,
        DefaultValueFactory = _ => [],
    };

    private static Dictionary<string, string> Parse(ArgumentResult result)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            // `name: value`, as curl has it, is accepted as well as `name=value`; the first separator counts.
            var at = token.Value.AsSpan().IndexOfAny('=', ':');
            if (at <= 0)
            {
                result.AddError($"'{token.Value}' is not name=value.");
                continue;
            }

            pairs[token.Value[..at].Trim()] = token.Value[(at + 1)..].Trim();
        }

        return pairs;
    }
}
