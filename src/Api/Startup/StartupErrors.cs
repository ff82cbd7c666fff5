using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Switchboard.Api.Listening;

namespace Switchboard.Api.Startup;

/// <summary>Runs a program: errors of its start are printed in clear lines, with an exit code of their own.</summary>
internal static class StartupErrors
{
    /// <summary>The exit code if the command line or the settings are invalid.</summary>
    public const int BadSettings = 2;

    /// <summary>The exit code if an address cannot be listened on.</summary>
    public const int CannotListen = 3;

    /// <summary>The exit code if the storage cannot be reached, or is not fit for this program.</summary>
    public const int StorageUnusable = 4;

    /// <summary>The exit code after a second SIGINT, as in shells.</summary>
    public const int Interrupted = 130;

    /// <summary>Prints the errors of the command line. True: there are none.</summary>
    public static bool Accept(CommandLine line, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(errors);
        Say(errors, line.Problems);
        return line.Problems.Count == 0;
    }

    /// <summary>Builds the host, and runs it as <see cref="RunAsync(WebApplication, TextWriter, Func{Task})"/> does.</summary>
    /// <param name="build">Builds it; an invalid setting may throw here already, because Kestrel is created with the host.</param>
    /// <param name="errors">Receives the lines.</param>
    /// <param name="started">Called when it has started.</param>
    public static async Task<int> RunAsync(Func<WebApplication> build, TextWriter errors, Func<WebApplication, Task> started)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(errors);
        ArgumentNullException.ThrowIfNull(started);
        WebApplication app;
        try
        {
            app = build();
        }
        catch (Exception e) when (Describe(e) is { } found)
        {
            Say(errors, found.Lines);
            return found.ExitCode;
        }

        return await RunAsync(app, errors, () => started(app));
    }

    /// <summary>
    /// Validates all settings and ports, starts the host, waits for its end; returns the exit code. The checks come first, so that an error
    /// is one line instead of a log with stack traces.
    /// </summary>
    /// <param name="app">The host, built and not started.</param>
    /// <param name="errors">Receives the lines.</param>
    /// <param name="started">Called when it has started.</param>
    public static async Task<int> RunAsync(WebApplication app, TextWriter errors, Func<Task>? started = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(errors);
        using var interrupts = EndAtSecondInterrupt();
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            var own = app.Services.GetServices<ListeningPort>();
            if (PortProblems(app.Services.GetRequiredService<IOptions<ListeningOptions>>().Value, own) is { Count: > 0 } taken)
            {
                Say(errors, taken);
                return CannotListen;
            }

            if (await StorageProblemsAsync(app.Services) is { Count: > 0 } unusable)
            {
                Say(errors, unusable);
                return StorageUnusable;
            }

            await app.StartAsync();
            if (started is not null)
            {
                await started();
            }

            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception e) when (Describe(e) is { } found)
        {
            Say(errors, found.Lines);
            return found.ExitCode;
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    /// <summary>Describes an exception of the start, in sentences; null if it is unknown.</summary>
    public static (int ExitCode, IReadOnlyList<string> Lines)? Describe(Exception exception) => exception switch
    {
        OptionsValidationException options => (BadSettings, [.. options.Failures]),
        AggregateException many when many.InnerExceptions.All(static e => e is OptionsValidationException)
            => (BadSettings, [.. many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(static e => e.Failures)]),
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } unreadable => (BadSettings, [unreadable.Message]),
        IOException { InnerException: AddressInUseException } taken => (CannotListen, [taken.Message]),
        _ => null,
    };

    /// <summary>Returns the ports that cannot be listened on, a sentence each with address and setting.</summary>
    internal static IReadOnlyList<string> PortProblems(ListeningOptions settings, IEnumerable<ListeningPort> others)
    {
        List<string> problems = [];
        var address = IPAddress.Parse(settings.Address);
        Own(address, settings.HttpPort, nameof(ListeningOptions.HttpPort));
        Own(address, settings.GrpcPort, nameof(ListeningOptions.GrpcPort));
        Own(IPAddress.Parse(settings.AdminAddress), settings.AdminPort, nameof(ListeningOptions.AdminPort));
        if (settings.CertificatePath.Length > 0)
        {
            Own(address, settings.HttpsPort, nameof(ListeningOptions.HttpsPort));
        }

        foreach (var port in others)
        {
            Try(port);
        }

        return problems;

        void Own(IPAddress at, int port, string key) => Try(new(new(at, port), $"{ListeningOptions.SectionName}:{key}"));

        void Try(ListeningPort port)
        {
            try
            {
                using var socket = new Socket(port.End.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(port.End);
                socket.Listen();
            }
            catch (SocketException e)
            {
                var why = e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "another program listens there" : e.Message;
                problems.Add($"Cannot listen on {port.End}: {why}. Choose another with {port.Key}.");
            }
        }
    }

    private static async Task<IReadOnlyList<string>> StorageProblemsAsync(IServiceProvider services)
    {
        List<string> problems = [];
        foreach (var check in services.GetServices<IStartupCheck>())
        {
            if (await check.ProblemAsync(CancellationToken.None) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return problems;
    }

    // The host itself ignores every SIGINT after the first.
    private static PosixSignalRegistration EndAtSecondInterrupt()
    {
        var count = 0;
        return PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref count) == 2)
            {
                Environment.Exit(Interrupted);
            }
        });
    }

    private static void Say(TextWriter errors, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            errors.WriteLine(line);
        }
    }
}
