using Switchboard.Api.Hosting;

return await ApiProgram.RunAsync(args);
