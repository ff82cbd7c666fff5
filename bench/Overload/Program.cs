using System.CommandLine;
using Switchboard.Bench.Overload;

// Longer than a round's rest: on Ctrl+C the child is stopped before this process goes.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await OverloadCommands.Create().Parse(args).InvokeAsync(invocation);
