using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Switchboard.Client.Serving;

namespace Switchboard.Client;

/// <summary>
/// Serves the requests of one agent id: keeps a subscription to the gateway open, reconnects when it is lost, and runs a handler for each
/// request. It opens outbound connections only.
/// </summary>
public sealed partial class SwitchboardAgent
{
    // The maximum of draining sessions that are kept: a gateway that drains again and again must not make the agent hold more.
    private const int MaxDrainingSessions = 8;

    // The default of the gateway, which applies where MaxInFlight is 0.
    private const int DefaultMaxInFlight = 1024;

    private readonly SwitchboardAgentOptions _options;
    private readonly SwitchboardHandler _handler;
    private readonly ILogger _logger;
    private int _started;

    /// <summary>Initializes a new agent, which connects when <see cref="RunAsync"/> is called.</summary>
    /// <param name="options">The agent's id, and how to connect.</param>
    /// <param name="handler">Handles each request.</param>
    /// <exception cref="ArgumentException">An option is invalid. The message names every invalid option.</exception>
    public SwitchboardAgent(SwitchboardAgentOptions options, SwitchboardHandler handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        options.Validate();
        _options = options;
        _handler = handler;
        _logger = options.LoggerFactory?.CreateLogger("Switchboard.Client.Agent") ?? NullLogger.Instance;
    }

    /// <summary>
    /// Serves requests until <paramref name="cancellationToken"/> is cancelled or the gateway ends the agent. Completes when every handler
    /// has ended. Can be called once.
    /// </summary>
    /// <param name="cancellationToken">Stops the agent and cancels its handlers. The returned task then completes without an
    /// error.</param>
    /// <exception cref="SwitchboardDisplacedException">Another process has taken this agent's id.</exception>
    /// <exception cref="SwitchboardException">The gateway has refused this agent, or ended its session without a time to
    /// reconnect.</exception>
    /// <exception cref="InvalidOperationException">The method has been called before.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("A SwitchboardAgent runs once; make another one.");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<RunningSession> sessions = [];
        try
        {
            // On the thread pool, so that the agent's traffic does not run on an application's synchronization context.
            await Task.Run(() => SuperviseAsync(sessions, stop.Token), CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is how an agent is stopped.
        }
        finally
        {
            await stop.CancelAsync();
            await WaitAllAsync(sessions);
            Report(new(SwitchboardAgentState.Stopped));
        }
    }

    private async Task SuperviseAsync(List<RunningSession> sessions, CancellationToken stop)
    {
        var backoff = new Backoff(_options.MinReconnectDelay, _options.MaxReconnectDelay, _options.NextRandom);
        var running = new RunningRequests(2 * (_options.MaxInFlight == 0 ? DefaultMaxInFlight : _options.MaxInFlight));
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            Report(new(SwitchboardAgentState.Connecting));
            var session = new AgentSession(_options, _handler, running, _logger);
            sessions.Add(new RunningSession(session, session.RunAsync(stop)));
            var end = await session.Leaving;
            stop.ThrowIfCancellationRequested();
            if (end.Next == AfterGoAway.Stop)
            {
                // A response that has begun goes on while its call lives, also after another process has taken the id.
                await WaitAllAsync(sessions);
                throw end.Error!;
            }

            if (end.WasStable)
            {
                backoff.Reset();
            }

            var wait = end.Wait + backoff.Next(end.LongestBackoff);
            if (end.Next == AfterGoAway.Rejoin)
            {
                LogReconnecting(_options.AgentId, wait, end.Detail);
                Report(new(SwitchboardAgentState.Waiting) { RetryAfter = wait, Detail = end.Detail, Error = end.Error });
            }

            await Task.Delay(wait, _options.TimeProvider, stop);
            RemoveEnded(sessions);
        }
    }

    /// <summary>
    /// Removes the sessions that have ended and aborts the oldest of the others beyond <see cref="MaxDrainingSessions"/>. Each session
    /// that remains is one of the last few, or has a running handler, and the number of those is capped.
    /// </summary>
    private static void RemoveEnded(List<RunningSession> sessions)
    {
        sessions.RemoveAll(s => s.Ended.IsCompleted);
        for (var i = 0; i < sessions.Count - MaxDrainingSessions; i++)
        {
            sessions[i].Session.Abort();
        }
    }

    private static Task WaitAllAsync(List<RunningSession> sessions) => Task.WhenAll(sessions.Select(s => s.Ended));

    private void Report(SwitchboardAgentStatus status) => _options.StatusChanged?.Invoke(status);

    [LoggerMessage(6000, LogLevel.Warning, "Agent {AgentId} connects again in {Wait}: {Detail}")]
    private partial void LogReconnecting(string agentId, TimeSpan wait, string detail);

    private sealed record RunningSession(AgentSession Session, Task Ended);
}
