namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Runs the stop of the front door (T5), in this order: every agent is asked to open its next session elsewhere; if there is another front
/// door, calls are served until the agents are there; then, or at once if there is none, no new call is accepted; when the drain time has
/// passed, open requests end with a verdict that depends on whether they were sent, and the streams end, so that Kestrel can stop. The
/// number is released only after all that.
/// </summary>
internal sealed class FrontDoorDrain(Drain drain, FrontDoor frontDoor, IEnumerable<IFrontDoorParticipant> participants)
    : IHostedService, IDisposable
{
    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _begun;
    private CancellationTokenRegistration _ended;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        drain.HandOver = () => frontDoor.HasOthers ? _handedOver.Task : null;
        // On another thread: whoever stops the host waits until the flags are set, and not for this.
        _begun = drain.Begun.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).DrainAsync), this);
        _ended = drain.Ended.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).EndAll), this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _begun.Dispose();
        _ended.Dispose();
    }

    private async Task DrainAsync()
    {
        foreach (var participant in participants)
        {
            await participant.DrainAsync(drain.Ended);
        }

        _handedOver.TrySetResult();
    }

    private void EndAll()
    {
        foreach (var participant in participants)
        {
            participant.EndAll();
        }
    }
}
