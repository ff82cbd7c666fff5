using Switchboard.Cli.CommandLine;

return await SwitchboardCommand.RunAsync(args, Terminal.ForCurrentProcess());
