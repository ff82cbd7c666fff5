using System.Diagnostics;

namespace Switchboard.TestSupport.Servers;

/// <summary>
/// A server in a folder of its own, both of which are gone when this process is, however it ends: a shell holds the other end of a pipe,
/// stops the server when the pipe closes, and deletes the folder.
/// </summary>
internal sealed class ServerProcess
{
    // A background job of a shell reads nothing by itself; $0 is the signal, $1 the folder, the rest the command.
    private const string Script = """
        trap '' INT TERM HUP
        signal=$0 folder=$1; shift
        (trap - INT TERM HUP; exec "$@") > "$folder/log" 2>&1 < /dev/null &
        cat > /dev/null
        kill -$signal $! && wait $!
        rm -rf "$folder"
        """;

    private readonly Process _shell;
    private readonly string _log;

    private ServerProcess(Process shell, string folder)
    {
        _shell = shell;
        _log = Path.Combine(folder, "log");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    /// <summary>What the server has said.</summary>
    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    /// <param name="folder">Its folder, which is deleted at the end.</param>
    /// <param name="signal">What stops it at once.</param>
    /// <param name="command">The server, in the foreground.</param>
    public static ServerProcess Start(string folder, string signal, params string[] command)
    {
        // Its own words go nowhere but into the log: the pipes of a test's process must not stay open.
        var start = new ProcessStartInfo("sh", ["-c", Script, signal, folder, .. command]) { RedirectStandardInput = true };
        return new ServerProcess(Process.Start(start)!, folder);
    }

    // The shell needs nobody to wait for it; who waits sees the ports free.
    private void Stop()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit(TestTimeouts.Default);
    }
}
