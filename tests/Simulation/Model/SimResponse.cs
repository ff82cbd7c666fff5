using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Simulation.Model;

/// <summary>What an agent does with a request: mostly it responds, and sometimes badly, twice, or not at all.</summary>
internal static class Responding
{
    public static void Plan(Cluster cluster, SimRequest request, DoorSession session)
    {
        var random = cluster.Random;
        var bad = !cluster.Calm && random.Chance(cluster.Faults.BadAgent);
        var kind = bad ? random.Below(7) : -1;
        if (kind == 0)
        {
            return;
        }

        var messages = random.Below(6);
        var response = new SimResponse(cluster, request, session, messages)
        {
            BreaksAt = kind == 1 ? random.Below(messages + 1) : null,
            FailsAt = kind == 2 ? random.Below(messages + 1) : null,
            NamesWrongSession = kind == 3,
        };
        var thinks = random.Ms(0, cluster.Calm ? 20 : kind == 4 ? 6000 : 200);
        cluster.World.After(thinks, response.Open);
        // A second call for the same request: it takes over, or comes too late for that.
        if (kind == 5)
        {
            cluster.World.After(random.Ms(0, 300), new SimResponse(cluster, request, session, random.Below(4)).Open);
        }
        // Somebody else's: another session of another agent has learned the id.
        if (kind == 6)
        {
            cluster.World.After(random.Ms(0, 300), new SimResponse(cluster, request, session, 2) { NamesWrongSession = true }.Open);
        }
    }
}

/// <summary>A response call as its agent makes it, and the end of it at the front door.</summary>
internal sealed class SimResponse(Cluster cluster, SimRequest request, DoorSession session, int messages)
    : ResponsePipe<ResponseMessage>((long)(cluster.Random.Next() >> 1))
{
    public const int LongestMessage = 120;

    private bool _over;

    public int? BreaksAt { get; init; }

    public int? FailsAt { get; init; }

    public bool NamesWrongSession { get; init; }

    /// <summary>Messages that the agent has sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Has the agent sent all of them, and half-closed?</summary>
    public bool IsComplete { get; private set; }

    public void Open()
    {
        var door = request.Door;
        // A response call is a stream of its own: it lives and dies apart from the subscription, unless the connection is cut.
        if (session.IsCut || !door.IsUp || door.Number != request.Number)
        {
            return;
        }

        var found = door.Books.TryFind(request.Id, out var known);
        Invariant.Holds(found == door.IsOpen(request.Id) && (!found || known == request), "R1", $"a response finds {known} by the id of {request}");
        if (!found)
        {
            return;
        }

        var named = NamesWrongSession ? new SessionId(session.Id.Value + 1) : session.Id;
        var outcome = request.BeginResponse(this, named);
        cluster.World.Note((ulong)Number, $"{request}: a response call of {session} is opened: {outcome}");
        if (outcome is BeginResponseOutcome.Granted or BeginResponseOutcome.GrantedInsteadOf)
        {
            Next();
        }
    }

    protected override void Wake() => cluster.World.After(TimeSpan.Zero, Continue);

    protected override void CancelRead() => _over = true;

    private void Continue()
    {
        if (Result == ResponseCallResult.Open && !IsComplete)
        {
            Next();
        }
    }

    private void Next() => cluster.World.After(cluster.Random.Ms(0, cluster.Calm ? 1 : 60), () =>
    {
        var door = request.Door;
        if (_over || !door.IsUp || door.Number != request.Number)
        {
            return;
        }

        if (session.IsCut || BreaksAt == Sent)
        {
            request.Cut(this, ResponseCallResult.BrokeOff);
            return;
        }
        if (FailsAt == Sent)
        {
            request.Cut(this, ResponseCallResult.Done);
            return;
        }
        if (Sent == messages)
        {
            // Before the call: it may be read to its end within it.
            IsComplete = Result == ResponseCallResult.Open;
            request.Complete(this);
            return;
        }
        var message = new ResponseMessage(this, Sent++);
        if (request.Push(this, message, cluster.Random.Between(1, LongestMessage)) == PushOutcome.Room)
        {
            Next();
        }
    });
}
