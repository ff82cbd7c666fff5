using Switchboard.Core.Agents;
using Switchboard.Core.Requests;

namespace Switchboard.Simulation.Model;

/// <summary>What a request was given to: a session of its front door, or the way to another front door.</summary>
internal interface ISimHolder
{
    SessionId Id { get; }

    /// <summary>The request has ended.</summary>
    void Release(SimRequest request);

    /// <summary>Nobody waits for its response any more.</summary>
    void Cancel();
}

/// <summary>
/// One request's way over the front door that holds its session: a call whose two directions each keep their order, until it breaks. What
/// follows from its end is decided by <see cref="HopRule"/>.
/// </summary>
internal sealed class SimHop(Cluster cluster, SimRequest request, ushort number, SessionId id) : ISimHolder
{
    private static readonly TimeSpan _keepalive = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(1);

    private TimeSpan _lastToHolder;
    private TimeSpan _lastToOwner;
    private HopResponse? _response;
    private Door? _holder;
    private bool _broken;

    // Its owner's side has ended.
    private bool _over;

    public SessionId Id { get; } = id;

    /// <summary>The start of the front door that it goes to, and the one that it comes from.</summary>
    public ushort Number => number;

    public ushort OwnerNumber => request.Number;

    /// <summary>Whether the call was begun, from when on the request may have been sent.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether something of it can have reached the other front door.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>How it ended; null: well, or it is under way.</summary>
    public HopEvent? EndedBy { get; private set; }

    /// <summary>The request at the other front door, where it came there.</summary>
    public SimRequest? Handed { get; private set; }

    public void Run() => cluster.World.After(cluster.Random.Ms(0, 5), () =>
    {
        if (_over || request.IsOut)
        {
            return;
        }

        cluster.Hops.Add(this);
        if (request.Door.KnowsGone(number))
        {
            GiveBack(HopEvent.GoneUnconnected);
        }
        else if (Goes(wrong: 100))
        {
            GiveBack(HopEvent.NotFound);
        }
        else if (request.TryHandOver(this))
        {
            HasBegun = true;
            Connect();
        }
    });

    public void Release(SimRequest ended)
    {
        if (!_over)
        {
            Close();
            ToHolder(() => Handed?.HopLost());
        }
    }

    public void Cancel()
    {
        // Release has reset the call.
    }

    /// <summary>One of the two processes has died. The other side sees a broken connection, or nothing.</summary>
    public void ProcessDied() => Break(cluster.Random.Chance(500));

    /// <summary>The owner's front door is told that the other one is gone.</summary>
    public void HolderGone() => Fail(IsConnected ? HopEvent.Gone : HopEvent.GoneUnconnected);

    /// <summary>The other front door is told that the owner's is gone.</summary>
    public void OwnerGone() => Handed?.HopLost();

    /// <summary>The other front door writes a part of the response; it writes the next one once this is taken.</summary>
    public void Pass(ResponseMessage? message, Action taken) => ToOwner(() =>
    {
        if (message is null)
        {
            ToHolder(taken);
            return;
        }

        if (Response() is not { } response)
        {
            return;
        }

        response.OnRoom = () => ToHolder(taken);
        if (request.Push(response, message, cluster.Random.Between(1, SimResponse.LongestMessage)) == PushOutcome.Room)
        {
            response.OnRoom();
        }
    });

    /// <summary>The other front door ends the call.</summary>
    public void Reply(HopEvent? failed, Verdict verdict = default) => ToOwner(() =>
    {
        if (failed is { } happened)
        {
            Fail(happened, verdict);
        }
        else if (Response() is { } response)
        {
            Close();
            request.Complete(response);
        }
    });

    private void Connect()
    {
        _holder = cluster.Doors.FirstOrDefault(door => door.IsUp && door.Number == number);
        if (_holder is null || Goes(wrong: 300))
        {
            // Refused at once; or nothing comes, until the connect times out or the word is there first.
            var after = cluster.Random.Chance(500) ? cluster.Network.Delay() : _connectTimeout;
            cluster.World.After(after, () => Fail(HopEvent.NeverMade));
        }
        else if (Goes(wrong: 200))
        {
            IsConnected = true;
            cluster.World.After(cluster.Network.Delay(), () => Fail(HopEvent.NotProcessed));
        }
        else
        {
            IsConnected = true;
            ToHolder(() => Handed = _holder.TakeHanded(this, request));
            if (Goes(wrong: 500))
            {
                cluster.World.After(cluster.Random.Ms(0, 300), () => Break(silent: cluster.Random.Chance(300)));
            }
        }
    }

    private bool Goes(int wrong) => !cluster.Calm && cluster.Random.Chance(cluster.Faults.Hop) && cluster.Random.Chance(wrong);

    // Nothing of it arrives any more, in either direction; each side notices in its own time.
    private void Break(bool silent)
    {
        if (_broken)
        {
            return;
        }

        _broken = true;
        cluster.World.Note(request.Id, $"{request}: its way to front door {number} breaks{(silent ? ", and nobody hears it" : "")}");
        var least = silent ? _keepalive : TimeSpan.Zero;
        cluster.World.After(least + cluster.Random.Ms(0, 50), () => Fail(HopEvent.Lost));
        cluster.World.After(least + cluster.Random.Ms(0, 50), () => Handed?.HopLost());
    }

    private void GiveBack(HopEvent happened)
    {
        if (request.TryHandOver(this))
        {
            Fail(happened);
        }
    }

    private void Fail(HopEvent happened, Verdict verdict = default)
    {
        if (_over)
        {
            return;
        }

        Close();
        // What was closed is reset: the other side hears that, if it lives and the way is there.
        ToHolder(() => Handed?.HopLost());
        if (!request.IsOut)
        {
            EndedBy = happened;
            request.HopEnded(this, happened, verdict, _response);
        }
    }

    private void Close()
    {
        _over = true;
        cluster.Hops.Remove(this);
    }

    private HopResponse? Response()
    {
        if (_over || request.IsOut)
        {
            return null;
        }

        if (_response is null && request.TryBeginHopResponse(this, new HopResponse(cluster)) is { } begun)
        {
            _response = begun;
        }

        return _response;
    }

    private void ToHolder(Action arrives) => _lastToHolder = Send(_lastToHolder, () =>
    {
        if (_holder is { IsUp: true } && _holder.Number == number)
        {
            arrives();
        }
    });

    private void ToOwner(Action arrives) => _lastToOwner = Send(_lastToOwner, () =>
    {
        if (!request.IsOut && !_over)
        {
            arrives();
        }
    });

    private TimeSpan Send(TimeSpan last, Action arrives)
    {
        var at = cluster.Now + cluster.Network.Delay();
        at = at > last ? at : last;
        cluster.World.At(at, () =>
        {
            if (!_broken)
            {
                arrives();
            }
        });
        return at;
    }
}

/// <summary>A response as it comes over a hop.</summary>
internal sealed class HopResponse(Cluster cluster) : ResponsePipe<ResponseMessage>((long)(cluster.Random.Next() >> 1))
{
    /// <summary>Goes on reading.</summary>
    public Action OnRoom { get; set; } = static () => { };

    protected override void Wake() => cluster.World.After(TimeSpan.Zero, () =>
    {
        if (Result == ResponseCallResult.Open && !Complete)
        {
            OnRoom();
        }
    });

    protected override void CancelRead()
    {
        // The request has ended, and has reset the call.
    }
}
