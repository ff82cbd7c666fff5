using Microsoft.Extensions.Logging.Console;

namespace Switchboard.Api.Startup;

/// <summary>
/// Sets the default levels of a program, whichever settings file it finds, so that its log holds what an operator can act on. A category
/// that <c>Logging:LogLevel</c> names has the level from there.
/// </summary>
internal static class LogLevels
{
    /// <summary>Sets the minimum level of a category.</summary>
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
        // A line of start and stop for each listener and the host, which the banner repeats.
        services.AddLogLevel("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // Several lines for every request.
        services.AddLogLevel("Microsoft.AspNetCore", LogLevel.Warning);
        // Logs nothing above Information, but creates a span and a log scope for every request unless it is switched off.
        services.AddLogLevel("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Every call that ends with an error status, which its caller gets.
        services.AddLogLevel("Grpc", LogLevel.Warning);
        // Every step of starting and stopping.
        services.AddLogLevel("Orleans", LogLevel.Warning);
        // Two lines for every grain that is placed, by which Orleans' placement reports that it succeeded; and eleven warnings and errors for
        // each call to a front door that has died, whose failure the caller handles.
        services.AddLogLevel("Polly", LogLevel.Critical);
        return services.AddConsoleLines();
    }

    // The console's own default is two lines for each entry. It reads that option only if a formatter is named.
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
