using Microsoft.Extensions.Logging.Console;

namespace Switchboard.Api.Hosting;

/// <summary>
/// The levels that a program comes with, whichever settings file it finds, so that its log holds what an operator can act on. A category that
/// <c>Logging:LogLevel</c> names has the level from there.
/// </summary>
public static class LogLevels
{
    /// <summary>Sets the lowest level that is logged of a category.</summary>
    /// <param name="services">The services.</param>
    /// <param name="category">The category, and all that begin with it.</param>
    /// <param name="level">The level.</param>
    public static IServiceCollection AddLogLevel(this IServiceCollection services, string category, LogLevel level)
    {
        // The last of two rules for one category counts, so this one comes before those of the settings, whenever they are added.
        services.Configure<LoggerFilterOptions>(options => options.Rules.Insert(0, new LoggerFilterRule(null, category, level, null)));
        return services;
    }

    internal static IServiceCollection AddSwitchboardLogging(this IServiceCollection services)
    {
        // A line of start and stop for each listener and the host: the banner says it better.
        services.AddLogLevel("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // Several lines for every request.
        services.AddLogLevel("Microsoft.AspNetCore", LogLevel.Warning);
        // Says nothing above Information, but makes a span and a log scope for every request where it is not switched off.
        services.AddLogLevel("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Every call that ends with an error status, which its caller is told.
        services.AddLogLevel("Grpc", LogLevel.Warning);
        // Every step of starting and stopping.
        services.AddLogLevel("Orleans", LogLevel.Warning);
        // Two lines for every grain that is placed, by which Orleans' placement tells that it succeeded.
        services.AddLogLevel("Polly", LogLevel.Warning);
        return services.AddConsoleLines();
    }

    // The console's own default is two lines for each entry. It reads that option only where a formatter is named.
    private static IServiceCollection AddConsoleLines(this IServiceCollection services)
    {
        services.Configure<ConsoleLoggerOptions>(static console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        services.AddOptions<SimpleConsoleFormatterOptions>().Configure<IConfiguration>(static (console, settings) =>
        {
            if (settings["Logging:Console:FormatterOptions:SingleLine"] is null)
            {
                console.SingleLine = true;
            }
        });
        return services;
    }
}
