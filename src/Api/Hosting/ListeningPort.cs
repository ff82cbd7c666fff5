using System.Net;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Names a port that the program is going to listen on, and the setting that chooses it: tried before the start. Whoever shares a port
/// (<c>SO_REUSEPORT</c>, as Orleans does) would else start beside another process on the same one, and take half of its connections.
/// </summary>
/// <param name="End">The address and the port.</param>
/// <param name="Key">The setting's whole key.</param>
public sealed record ListeningPort(IPEndPoint End, string Key);
