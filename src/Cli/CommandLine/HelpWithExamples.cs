using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Switchboard.Cli.CommandLine;

/// <summary>Prints the default help, and then the examples of the command and a footer.</summary>
internal sealed class HelpWithExamples(HelpAction defaultHelp, string footer) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string> _examples = new()
    {
        ["switchboard"] = """
              switchboard agent --id hello             serve: sends every request's body back
              switchboard call hello --body 'hi'       ask it
              switchboard agents                       see who is connected
            """,
        ["agent"] = """
              switchboard agent --id hello
              switchboard agent --id clock --stream 5 --every 1000
              switchboard agent --id upper --exec 'tr a-z A-Z' --label room=lab
            """,
        ["call"] = """
              switchboard call hello --body 'hi'
              switchboard call upper shout --body-file notes.txt --timeout 10s -v
              date | switchboard call hello --body-file -
            """,
        ["agents"] = """
              switchboard agents
              switchboard agents --json
              switchboard agents kick hello
            """,
        ["kick"] = """
              switchboard agents kick hello
            """,
        ["requests"] = """
              switchboard requests 0001a2b3c4d5e6f7
            """,
        ["cluster"] = """
              switchboard cluster
              switchboard cluster --json
            """,
        ["echo"] = """
              switchboard echo create 'hello'
              switchboard echo delete 'hello'
            """,
    };

    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        var result = defaultHelp.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var name = command is RootCommand ? "switchboard" : command.Name;
        var output = parseResult.InvocationConfiguration.Output;
        if (_examples.TryGetValue(name, out var examples))
        {
            output.WriteLine("Examples:");
            output.WriteLine(examples);
            output.WriteLine();
        }

        output.WriteLine(footer);
        return result;
    }
}
