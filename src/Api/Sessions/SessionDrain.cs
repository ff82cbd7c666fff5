using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Time;

namespace Switchboard.Api.Sessions;

/// <summary>Applies a stop, and a change of the front door's number, to its sessions.</summary>
internal sealed class SessionDrain(SessionRegistry sessions, SessionAnnouncer calls, GatewayClock clock, IOptions<ShutdownOptions> options)
    : IFrontDoorParticipant
{
    private const int CallsAtOnce = 16;
    private const int AnnounceWithinMilliseconds = 5000;
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Announces all sessions at once: they were connected under the old number.</summary>
    public void OnNumberChanged()
    {
        foreach (var session in sessions.All)
        {
            session.AnnounceAt = TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Announces all sessions within 5 s, each at another moment: what the grains beside those front doors knew of them is lost. An agent's
    /// grain asks by itself when it is activated again; the index does not.
    /// </summary>
    public void OnOthersGone(IReadOnlyCollection<ushort> numbers)
    {
        foreach (var session in sessions.All)
        {
            var at = clock.Now + TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(AnnounceWithinMilliseconds));
            if (at < session.AnnounceAt)
            {
                session.AnnounceAt = at;
            }
        }
    }

    /// <summary>Asks every agent to open its next session elsewhere, and waits until each has one.</summary>
    public async Task DrainAsync(CancellationToken drainEnded)
    {
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce };
        await Parallel.ForEachAsync(sessions.All, atOnce, async (session, _) =>
        {
            if (session.Retire(Spread()))
            {
                await calls.RetireAsync(session);
            }
        });
        await WhenAllAreElsewhereAsync(drainEnded);
    }

    /// <summary>Their agents may be connected elsewhere by now, and are told to connect anew.</summary>
    public void OnFenced() => EndAll();

    // One whose agent is connected elsewhere is counted there; it may stay for as long as it has requests.
    public int Sessions => sessions.All.Count(static session => !session.HasSuccessor);

    public void EndAll()
    {
        foreach (var session in sessions.All)
        {
            // If nothing was under way, the end comes before all agents were asked to go: each still gets its own moment.
            session.Retire(Spread());
            session.End(SessionEndCause.Draining);
        }
    }

    public Task WhenReportedAsync() => calls.WhenDisconnectsAreReportedAsync();

    // No new session is accepted, so their number only falls. An agent that stays until the end of the drain time is not waited for longer.
    private async Task WhenAllAreElsewhereAsync(CancellationToken drainEnded)
    {
        using var timer = new PeriodicTimer(_lookEvery, clock.Time);
        try
        {
            while (!sessions.All.All(session => session.HasSuccessor))
            {
                await timer.WaitForNextTickAsync(drainEnded);
            }
        }
        catch (OperationCanceledException)
        {
            // The drain time has passed.
        }
    }

    private TimeSpan Spread() => ReconnectSpread.Next(options.Value.ReconnectSpread);
}
