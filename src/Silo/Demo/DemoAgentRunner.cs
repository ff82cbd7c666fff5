namespace Switchboard.Silo.Demo;

/// <summary>Runs the demo agent from when the gateway listens until it stops.</summary>
internal sealed class DemoAgentRunner(IHostApplicationLifetime lifetime, Func<Uri> gateway, TimeProvider clock, ILoggerFactory loggers) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Hosted services start before the server listens; the address is known only then.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken);

        // Stopped with the application, not after the server: the agent leaves first, so the drain need not wait for it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var agent = DemoAgent.Create(gateway(), clock, loggers);
        await agent.RunAsync(stop.Token);
    }
}
