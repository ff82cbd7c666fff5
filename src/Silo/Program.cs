using Switchboard.Silo.Hosting;

return await SiloProgram.RunAsync(args);
