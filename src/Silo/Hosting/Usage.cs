namespace Switchboard.Silo.Hosting;

/// <summary>Holds the output of <c>--help</c>.</summary>
internal static class Usage
{
    /// <summary>The text.</summary>
    public const string Text = """
        Switchboard: a gateway for agents that can only dial out, and a task scheduler.

        Usage: Switchboard.Silo [--demo] [--migrate] [--Switchboard:<section>:<setting>=<value> ...]

          --demo      connects a demo agent too: curl -N -d hello 'http://127.0.0.1:8080/v1/agents/demo/requests?method=greet'
          --migrate   makes or upgrades the tables of the storage, and ends; with a file each start does
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
          --Switchboard:Storage:Path=FILE          where state is kept, by one process alone (default: data/switchboard.db);
                                                   or nowhere, with --Switchboard:Storage:Provider=Memory
          --Switchboard:Storage:Provider=PostgreSql
          --Switchboard:Storage:ConnectionString=Host=db;Username=switchboard;Database=switchboard
                                                   keep state there; first run once with --migrate
          --Switchboard:Cluster:Provider=PostgreSql   find the other silos there (or Redis, with Cluster:ConnectionString). A second
                                                   process on one machine needs ports of its own: Silo:SiloPort, Silo:GatewayPort,
                                                   Peer:Port and those under Listen
          --Logging:LogLevel:Default=Debug         say more; --Logging:LogLevel:Orleans=Information what Orleans says

        Exit codes: 0 stopped, 2 wrong command line or settings, 3 cannot listen, 4 the storage cannot be used, 130 stopped by a second Ctrl+C.
        """;
}
