using System.CommandLine;
using Switchboard.Bench;

// Longer than a round's rest: on Ctrl+C the children are stopped before this process goes.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await BenchCommands.Create().Parse(args).InvokeAsync(invocation);
