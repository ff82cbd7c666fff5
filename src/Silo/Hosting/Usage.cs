namespace Switchboard.Silo.Hosting;

/// <summary>The answer to <c>--help</c>.</summary>
internal static class Usage
{
    /// <summary>The text.</summary>
    public const string Text = """
        Switchboard: a gateway for agents that can only dial out, and a task scheduler.

        Usage: Switchboard.Silo [--demo] [--Switchboard:<section>:<setting>=<value> ...]

          --demo      connects a demo agent too: curl -N -d hello 'http://127.0.0.1:8080/v1/agents/demo/requests?method=greet'
          --help      this text
          --version   the version

        Settings come from appsettings.json in the current folder (else the one beside the program), from the environment
        (Switchboard__Listen__HttpPort=8090) and from the command line; the later one wins. The most wanted:

          --Switchboard:Listen:Address=0.0.0.0     listen on every interface; takes --Switchboard:Auth:AllowAnonymous=true too,
                                                   as there is no authentication yet (default: loopback)
          --Switchboard:Listen:HttpPort=8090       REST (default 8080; 0: the system chooses)
          --Switchboard:Listen:GrpcPort=8091       gRPC (default 8081)
          --Switchboard:Listen:AdminPort=8098      dashboard, metrics, health; loopback (default 8088)
          --Switchboard:FrontDoor:DataFolder=DIR   where the start counter is kept (default: data)
          --Logging:LogLevel:Default=Debug         say more; --Logging:LogLevel:Orleans=Information what Orleans says

        Exit codes: 0 stopped, 2 wrong command line or settings, 3 cannot listen, 130 stopped by a second Ctrl+C.
        """;
}
