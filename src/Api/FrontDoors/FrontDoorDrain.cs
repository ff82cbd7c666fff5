using System.Security.Cryptography;
using Switchboard.Api.Hosting;
using Switchboard.Api.Requests;
using Switchboard.Api.Sessions;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// What a stop means here (T5). When it begins, every agent is asked to open its next session elsewhere and keeps what it has; when
/// the drain time is over, what is still open ends with the truth about whether it was sent, and the streams end, so that Kestrel can stop.
/// </summary>
internal sealed class FrontDoorDrain(Drain drain, SessionRegistry sessions, SessionCalls calls, RequestRegister requests, AgentArrivals arrivals) : IHostedService, IDisposable
{
    private const int CallsAtOnce = 16;
    private CancellationTokenRegistration _begun;
    private CancellationTokenRegistration _ended;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Elsewhere: whoever stops the host waits until the flags are set, and not for this.
        _begun = drain.Begun.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).RetireAllAsync), this);
        _ended = drain.Ended.UnsafeRegister(static d => _ = Task.Run(((FrontDoorDrain)d!).EndAll), this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _begun.Dispose();
        _ended.Dispose();
    }

    // Spread, so that the agents don't come to the next front door in one crowd.
    private Task RetireAllAsync()
    {
        arrivals.EndAll();
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce };
        return Parallel.ForEachAsync(sessions.All, options, async (session, _) =>
        {
            if (session.Retire(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(500, 5_000))))
                await calls.RetireAsync(session);
        });
    }

    // Requests first: one that is unsent would be given back by its session, to be routed again.
    private void EndAll()
    {
        requests.EndAll();
        foreach (AgentSession session in sessions.All)
            session.End(SessionEndCause.Draining);
    }
}
