using Microsoft.Extensions.Logging;
using Switchboard.Abstractions;

namespace Switchboard.Grains.FrontDoors;

internal sealed partial class FrontDoorRegistryGrain
{
    [LoggerMessage(EventIds.FrontDoorLeased, LogLevel.Debug, "Front door {Number} is {Name}.",
        EventName = nameof(EventIds.FrontDoorLeased))]
    private partial void LogLeased(ushort number, string name);

    [LoggerMessage(EventIds.FrontDoorRefused, LogLevel.Warning, "Front-door number {Number} refused to {Name}: somebody else holds it.",
        EventName = nameof(EventIds.FrontDoorRefused))]
    private partial void LogRefused(ushort number, string name);

    [LoggerMessage(EventIds.FrontDoorLapsed, LogLevel.Warning, "Front door {Number} ({Name}) has not renewed its number, which lapses.",
        EventName = nameof(EventIds.FrontDoorLapsed))]
    private partial void LogLapsed(ushort number, string name);

    [LoggerMessage(EventIds.FrontDoorReleased, LogLevel.Debug, "Front door {Number} has given its number back.",
        EventName = nameof(EventIds.FrontDoorReleased))]
    private partial void LogReleased(ushort number);
}
