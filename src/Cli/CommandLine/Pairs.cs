using System.CommandLine;
using System.CommandLine.Parsing;

namespace Switchboard.Cli.CommandLine;

/// <summary>Options that give a name and a value, and can be given again.</summary>
internal static class Pairs
{
    /// <summary>An option of pairs; a name that is given twice takes its last value.</summary>
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
            // `Name: value` as of curl is understood beside `name=value`; whichever mark comes first counts.
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
