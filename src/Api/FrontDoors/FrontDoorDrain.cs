using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// What a stop means here (T5), in the order of PEERS 1.12: every agent is asked to open its next session elsewhere; where there is
/// another front door, calls are served until the agents are there; then, or at once where there is none, no new call is taken; when the
/// drain time is over, what is still open ends with the truth about whether it was sent, and the streams end, so that Kestrel can stop.
/// Only after all that the number is given back.
/// </summary>
internal sealed class FrontDoorDrain(
    Drain drain,
    FrontDoor frontDoor,
    SessionRegistry sessions,
    SessionCalls calls,
    RequestRegister requests,
    AgentArrivals arrivals,
    IOptions<ShutdownSettings> options) : IHostedService, IDisposable
{
    private const int CallsAtOnce = 16;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _begun;
    private CancellationTokenRegistration _ended;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        drain.HandOver = () => frontDoor.HasOthers ? _handedOver.Task : null;
        // Elsewhere: whoever stops the host waits until the flags are set, and not for this.
        _begun = drain.Begun.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).SendAwayAsync), this);
        _ended = drain.Ended.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).EndAll), this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _begun.Dispose();
        _ended.Dispose();
    }

    private async Task SendAwayAsync()
    {
        arrivals.EndAll();
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce };
        await Parallel.ForEachAsync(sessions.All, atOnce, async (session, _) =>
        {
            if (session.Retire(Spread()))
                await calls.RetireAsync(session);
        });
        await WhenAllAreElsewhereAsync();
        _handedOver.TrySetResult();
    }

    // No new session is taken, so their number only falls. An agent that stays until the end of the drain time is not waited for longer.
    private async Task WhenAllAreElsewhereAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, sessions.Clock.Time);
        try
        {
            while (!sessions.All.All(session => session.HasSuccessor))
                await timer.WaitForNextTickAsync(drain.Ended);
        }
        catch (OperationCanceledException)
        {
            // The drain time is over.
        }
    }

    // Each another moment, so that the agents don't come to the next front door in one crowd.
    private TimeSpan Spread()
    {
        int most = (int)options.Value.ReconnectSpread.TotalMilliseconds;
        return TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(most / 10, most + 1));
    }

    // Requests first: one that is unsent would be given back by its session, to be routed again.
    private void EndAll()
    {
        requests.EndAll();
        foreach (AgentSession session in sessions.All)
        {
            // Where nothing ran, the end comes before everybody was told to go: each is still told its own moment.
            session.Retire(Spread());
            session.End(SessionEndCause.Draining);
        }
    }
}
