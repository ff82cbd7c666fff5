using System.Net;

namespace Switchboard.Api.Startup;

/// <summary>
/// Names a port that the program is going to listen on, and the setting that chooses it; it is tried before the start. A process that
/// shares a port (<c>SO_REUSEPORT</c>, as Orleans does) would otherwise start beside another one on the same port, and take half of its
/// connections.
/// </summary>
/// <param name="End">The address and the port.</param>
/// <param name="Key">The setting's whole key.</param>
internal sealed record ListeningPort(IPEndPoint End, string Key);
