using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Durable;
using Switchboard.Abstractions.Requests;
using Switchboard.Abstractions.Telemetry;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Api.Requests;
using Switchboard.Api.Time;
using Switchboard.Api.Verdicts;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;

namespace Switchboard.Api.Durable;

/// <summary>Accepts durable requests: checks them as live ones are, gives them an id, keeps them, and has them delivered.</summary>
internal sealed partial class DurableRequests(
    IRequestLog log, DurableDelivery delivery, IGrainFactory grains, IFrontDoor frontDoor, GatewayClock clock, DurableWaits waits,
    RequestAdmission admission, AdmissionLimits limits, IOptions<RequestOptions> options, IOptions<DurableOptions> durable,
    ILogger<DurableRequests> logger) : IDurableRequests
{
    private const int IdsTried = 5;

    /// <summary>A request that lives no longer than this may expire before the sweeper has seen it twice: its grain is told at once.</summary>
    private static readonly TimeSpan _shortLife = 2 * IDurableSweeperGrain.Period;

    private readonly RequestOptions _options = options.Value;

    public async Task<DurableAccepted> AcceptAsync(CallerRequest request, DurableTerms terms, CancellationToken cancellationToken)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
        {
            return new DurableAccepted(default, Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");
        }

        if (Problem(terms.TimeToLive) is { } problem)
        {
            return new DurableAccepted(default, Verdict.BadRequest, problem);
        }

        if (admission.Check(request, out var message, out var size) is { } rejected)
        {
            return new DurableAccepted(default, rejected.Verdict, rejected.Detail);
        }

        // Held until it is known to be kept: the message as it arrived, and as it is serialized for the storage.
        var held = LiveRequest.CostOf(message, size) + size;
        if (!limits.Bytes.TryAcquire(held))
        {
            return new DurableAccepted(default, Verdict.Overloaded, limits.BytesFull());
        }

        try
        {
            var kept = new NewRequest
            {
                Id = 0,
                AgentKey = request.Agent.ToString(),
                Method = request.Method,
                AcceptedAt = clock.ToWall(clock.At(request.ArrivedTimestamp)),
                TimeToLive = terms.TimeToLive,
                FirstMessage = request.Timeout ?? durable.Value.FirstMessage,
                RequestBytes = request.Body.Length,
                Payload = message.ToByteArray(),
                Watched = terms.Watched,
            };
            var reply = await KeepAsync(kept, cancellationToken);
            if (reply.Refused is null)
            {
                Deliver(request, terms, reply.Id);
            }

            return reply;
        }
        finally
        {
            limits.Bytes.Release(held);
        }
    }

    public Task<RequestReport?> WhenEndedAsync(RequestId id, TimeSpan wait, long arrivedTimestamp, CancellationToken callerGone) =>
        waits.WaitAsync(id, clock.At(arrivedTimestamp) + wait, callerGone);

    private async Task<DurableAccepted> KeepAsync(NewRequest request, CancellationToken cancellationToken)
    {
        for (var tried = 1; tried <= IdsTried; tried++)
        {
            var id = RequestId.Durable(Draw48());
            switch (await TryKeepAsync(request with { Id = id.Value }, cancellationToken))
            {
                case { Verdict: { } verdict } failed:
                    return new DurableAccepted(id, verdict, failed.Detail);
                case { Reply.Result: AcceptResult.Accepted }:
                    return new DurableAccepted(id, null, "", log.SurvivesProcess);
                case { Reply: { Result: AcceptResult.Refused, Refusal: var refusal } }:
                    return new DurableAccepted(id, VerdictOf(refusal.Limit), limits.Rejections.Count(refusal.Limit, refusal.Value));
            }
        }

        return new DurableAccepted(default, Verdict.Internal, "no free id was found");
    }

    private async Task<(AcceptReply Reply, Verdict? Verdict, string Detail)> TryKeepAsync(NewRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return (await log.AcceptAsync(request, cancellationToken), null, "");
        }
        catch (StorageFullException e)
        {
            Log.NotAccepted(logger, new RequestId(request.Id), e);
            return (default, Verdict.StorageFull, "the storage is full");
        }
        catch (StorageUnavailableException e)
        {
            Log.NotAccepted(logger, new RequestId(request.Id), e);
            return await ReadBackAsync(request.Id, e.Message, cancellationToken);
        }
    }

    // The write may have been made all the same: refused as unsent, the caller would send it again, and the agent would get both.
    private async Task<(AcceptReply Reply, Verdict? Verdict, string Detail)> ReadBackAsync(ulong id, string why, CancellationToken cancellationToken)
    {
        try
        {
            return await log.FindAsync(id, cancellationToken) is null ? (default, Verdict.Unavailable, why) : (new(AcceptResult.Accepted), null, "");
        }
        catch (StorageUnavailableException)
        {
            return (default, Verdict.Unavailable, why);
        }
    }

    private void Deliver(CallerRequest request, DurableTerms terms, RequestId id)
    {
        delivery.Wake(request.Agent);
        if (terms.TimeToLive <= _shortLife)
        {
            _ = TellGrainAsync(id, terms.TimeToLive);
        }
    }

    private async Task TellGrainAsync(RequestId id, TimeSpan timeToLive)
    {
        try
        {
            await grains.GetGrain<IRequestGrain>(id.ToString()).Keep(timeToLive, survive: false).BoundAsync(clock.Time);
        }
        catch (Exception e)
        {
            // The sweeper ends it then, at most a minute late.
            Log.GrainNotTold(logger, id, e);
        }
    }

    // Agents and tenants are limited by open requests, whose number falls as they end; the storage by all that are kept, which expire.
    private static Verdict VerdictOf(DurableLimit limit) =>
        limit is DurableLimit.ProcessRequests or DurableLimit.ProcessBytes ? Verdict.StorageFull : Verdict.Overloaded;

    private string? Problem(TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
        {
            return "ttl must be more than zero";
        }

        return timeToLive > _options.MaxTimeToLive
            ? $"ttl is {timeToLive.TotalSeconds} s; at most {_options.MaxTimeToLive.TotalSeconds} s are allowed"
            : null;
    }

    private static ulong Draw48()
    {
        Span<byte> bits = stackalloc byte[8];
        RandomNumberGenerator.Fill(bits[..6]);
        bits[6..].Clear();
        return BinaryPrimitives.ReadUInt64LittleEndian(bits);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableNotAccepted, LogLevel.Warning, "Durable request {RequestId} could not be kept.")]
        public static partial void NotAccepted(ILogger logger, RequestId requestId, Exception exception);

        [LoggerMessage(EventIds.DurableGrainNotTold, LogLevel.Debug, "The grain of durable request {RequestId} could not be told when it expires.")]
        public static partial void GrainNotTold(ILogger logger, RequestId requestId, Exception exception);
    }
}
