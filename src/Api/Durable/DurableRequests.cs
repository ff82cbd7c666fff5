using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
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

/// <summary>Accepts durable requests: checks them as live ones are, and gives them an id and their grain.</summary>
internal sealed partial class DurableRequests(
    IGrainFactory grains, IFrontDoor frontDoor, GatewayClock clock, DurableWaits waits, RequestAdmission admission, AdmissionLimits limits,
    IOptions<RequestOptions> options, ILogger<DurableRequests> logger) : IDurableRequests
{
    private const int IdsTried = 5;
    private readonly RequestOptions _options = options.Value;

    public async Task<DurableAccepted> AcceptAsync(CallerRequest request, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
        {
            return new DurableAccepted(default, Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");
        }

        if (Problem(timeToLive) is { } problem)
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
            return await KeepAsync(request, message.ToByteArray(), timeToLive, cancellationToken);
        }
        finally
        {
            limits.Bytes.Release(held);
        }
    }

    public Task<RequestReport?> WhenEndedAsync(RequestId id, TimeSpan wait, long arrivedTimestamp, CancellationToken callerGone) =>
        waits.WaitAsync(id, clock.At(arrivedTimestamp) + wait, callerGone);

    private async Task<DurableAccepted> KeepAsync(
        CallerRequest request, byte[] payload, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        for (var tried = 1; tried <= IdsTried; tried++)
        {
            var id = RequestId.Durable(Draw48());
            try
            {
                var reply = await AcceptAsync(id, request, payload, timeToLive, cancellationToken);
                if (reply.Result == AcceptResult.Accepted)
                {
                    return new DurableAccepted(id, null, "", reply.Durable);
                }

                if (reply.Result == AcceptResult.Refused)
                {
                    return new DurableAccepted(id, VerdictOf(reply.Limit), limits.Rejections.Count(reply.Limit, reply.LimitValue));
                }
            }
            catch (OrleansMessageRejectionException e) when (tried == 1 && e is not SiloUnavailableException)
            {
                // Its silo is stopping: another id is placed elsewhere.
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.NotAccepted(logger, id, e);
                // A call that was rejected was not processed. One that failed otherwise may have been: its silo died, or did not reply in
                // time.
                var untaken = e is OrleansMessageRejectionException and not SiloUnavailableException;
                return new DurableAccepted(id, untaken ? Verdict.Unavailable : Verdict.Internal, "");
            }
        }
        return new DurableAccepted(default, Verdict.Internal, "no free id was found");
    }

    // Agents and tenants are limited by open requests, whose number falls as they end; the process by all that are kept, which expire.
    private static Verdict VerdictOf(DurableLimit limit) =>
        limit is DurableLimit.ProcessRequests or DurableLimit.ProcessBytes ? Verdict.StorageFull : Verdict.Overloaded;

    private Task<AcceptReply> AcceptAsync(
        RequestId id, CallerRequest request, byte[] payload, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var timeout = request.Timeout ?? _options.DefaultTimeout;
        var arrived = clock.ToWall(clock.At(request.ArrivedTimestamp));
        var envelope = new RequestEnvelope
        {
            RequestId = id.Value,
            AgentKey = request.Agent.ToString(),
            TimeLeft = timeout,
            Payload = payload,
        };
        var report = new RequestReport
        {
            RequestId = id.Value,
            AgentKey = envelope.AgentKey,
            Method = request.Method,
            State = RequestState.Accepted,
            Sent = false,
            AcceptedAt = arrived,
            Deadline = arrived + timeToLive,
            RequestBytes = request.Body.Length,
            Accepted202 = true,
        };
        return grains.GetGrain<IRequestGrain>(id.ToString()).Accept(envelope, report, timeToLive).BoundAsync(clock.Time, cancellationToken: cancellationToken);
    }

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
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bits);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DurableNotAccepted, LogLevel.Warning, "Durable request {RequestId} could not be given to its grain.")]
        public static partial void NotAccepted(ILogger logger, RequestId requestId, Exception exception);
    }
}
