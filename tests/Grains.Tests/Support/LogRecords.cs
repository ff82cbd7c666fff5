using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Switchboard.Grains.Tests.Support;

/// <summary>What the grains have logged, as tests ask for it.</summary>
internal static class LogRecords
{
    /// <summary>How often an event was logged, by its number.</summary>
    public static int Count(this FakeLogCollector log, int eventId) => log.GetSnapshot().Count(r => r.Id.Id == eventId);

    /// <summary>What was logged as an error.</summary>
    public static IReadOnlyList<string> Errors(this FakeLogCollector log) =>
        log.GetSnapshot().Where(r => r.Level >= LogLevel.Error).Select(r => $"{r.Message} {r.Exception}").ToList();
}
