using Switchboard.Abstractions;

namespace Switchboard.Api.FrontDoors;

/// <content>Log messages.</content>
internal sealed partial class FrontDoorService
{
    private static partial class Log
    {
        [LoggerMessage(EventIds.FrontDoorNumberHeld, LogLevel.Debug, "This is front door {Number}, with {Lanes} lanes.")]
        public static partial void NumberHeld(ILogger logger, ushort number, int lanes);

        [LoggerMessage(EventIds.FrontDoorNumberChanged, LogLevel.Information, "This is front door {Number} now; it was {Before}.")]
        public static partial void NumberChanged(ILogger logger, ushort number, ushort before);

        [LoggerMessage(
            EventIds.FrontDoorRandomNumber, LogLevel.Warning,
            "The front-door number is random, as {Why}: a restart may, once in 65,535 times, repeat the ids of the run before it.")]
        public static partial void RandomNumber(ILogger logger, string why);

        [LoggerMessage(EventIds.FrontDoorNumberRefused, LogLevel.Warning, "Front-door number {Number} belongs to somebody else.")]
        public static partial void NumberRefused(ILogger logger, ushort number);

        [LoggerMessage(EventIds.FrontDoorLeaseFailed, LogLevel.Warning, "The registry of front doors did not answer; it is asked again.")]
        public static partial void LeaseFailed(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.FrontDoorNotReleased, LogLevel.Information, "Front-door number {Number} was not given back and will lapse.")]
        public static partial void NotReleased(ILogger logger, ushort number, Exception exception);
    }
}
