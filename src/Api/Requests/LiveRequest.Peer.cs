using Switchboard.Api.Sessions;
using Switchboard.Core.Requests;
using Switchboard.V1;
using Effects = Switchboard.Core.Requests.ExchangeEffects<Switchboard.V1.AgentResponse>;

namespace Switchboard.Api.Requests;

/// <content>What a request does that another front door sends on to its session.</content>
internal sealed partial class LiveRequest
{
    /// <summary>
    /// Called right before it goes to the other front door. It counts as sent from here on, unless that front door says otherwise. The
    /// message stays until <see cref="HandedOver"/>, because it may come back.
    /// </summary>
    /// <returns>What to write; null: nothing, because its time is up or it has ended.</returns>
    public AgentRequest? TryHandOver(IRequestHolder holder)
    {
        Effects effects = default;
        AgentRequest? message = null;
        lock (_exchange)
        {
            if (_exchange.TrySend(holder, holder.Id, Now, ref effects))
            {
                message = _message;
            }
        }

        Apply(effects);
        return message;
    }

    /// <summary>The other front door has begun to respond: the request does not return any more.</summary>
    public void HandedOver() => DropMessage();

    /// <summary>The other front door did not send it, and it is to be routed again. False: it has ended.</summary>
    public bool TakeBack(IRequestHolder holder)
    {
        Effects effects = default;
        bool back;
        lock (_exchange)
        {
            back = _exchange.TakeBack(holder, holder.Id, ref effects);
        }

        Apply(effects);
        return back;
    }

    /// <summary>It ended at the other front door before it was sent.</summary>
    public void EndUnsent(IRequestHolder holder, Verdict verdict, string detail)
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.EndUnsent(holder, holder.Id, verdict, detail, Now, ref effects);
        }

        Apply(effects);
    }

    /// <inheritdoc cref="LiveExchange{TSession, TMessage}.HolderLost"/>
    public void HolderLost(IRequestHolder holder, string detail)
    {
        Effects effects = default;
        lock (_exchange)
        {
            _exchange.HolderLost(holder, holder.Id, detail, Now, ref effects);
        }

        Apply(effects);
    }
}
