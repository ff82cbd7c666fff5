using System.Security.Cryptography;

namespace Switchboard.Api.Sessions;

/// <summary>Draws the moments at which agents that are asked to go connect elsewhere.</summary>
internal static class ReconnectSpread
{
    /// <summary>Draws another moment for each, so that the agents do not connect to the next front door all at once.</summary>
    /// <param name="most">The time over which they are spread.</param>
    public static TimeSpan Next(TimeSpan most)
    {
        var milliseconds = (int)most.TotalMilliseconds;
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(milliseconds / 10, milliseconds + 1));
    }
}
