using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>Accepts requests that are kept: checks them as live ones are, gives them an id and their grain.</summary>
internal sealed partial class DurableRequests(
    IGrainFactory grains, IFrontDoor frontDoor, GatewayClock clock, DurableWaits waits, AdmissionLimits limits, IOptions<RequestOptions> options,
    ILogger<DurableRequests> logger) : IDurableRequests
{
    private const int IdsTried = 5;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private readonly RequestOptions _options = options.Value;

    public async Task<DurableAccepted> AcceptAsync(CallerRequest request, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        if (!frontDoor.Ready || frontDoor.Stopping)
            return new DurableAccepted(default, Verdict.Draining, frontDoor.Stopping ? "the gateway is stopping" : "the gateway is not ready yet");
        if ((CallerRequestRules.Problem(request, _options) ?? Problem(timeToLive)) is { } problem)
            return new DurableAccepted(default, Verdict.BadRequest, problem);
        if (!limits.TryRequest(request.Caller, request.Agent, out string? tooMany))
            return new DurableAccepted(default, Verdict.Overloaded, tooMany);
        AgentRequest message = RequestAdmission.ToMessage(request);
        int size = message.CalculateSize();
        if (size + RequestAdmission.AddedBytes > _options.MaxMessageBytes)
            return new DurableAccepted(default, Verdict.TooLarge, $"the request is longer than {_options.MaxMessageBytes} bytes, with what the gateway adds");
        byte[] payload = message.ToByteArray();
        for (int tried = 1; tried <= IdsTried; tried++)
        {
            RequestId id = RequestId.Durable(Draw48());
            try
            {
                if (await AcceptAsync(id, request, payload, timeToLive, cancellationToken) == AcceptResult.Accepted)
                    return new DurableAccepted(id, null, "");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.NotAccepted(logger, id, e);
                return new DurableAccepted(id, Verdict.Internal, "");
            }
        }
        return new DurableAccepted(default, Verdict.Internal, "no free id was found");
    }

    public Task<RequestReport?> WhenEndedAsync(RequestId id, TimeSpan wait, long arrivedTimestamp, CancellationToken callerGone) =>
        waits.WaitAsync(id, clock.At(arrivedTimestamp) + wait, callerGone);

    private Task<AcceptResult> AcceptAsync(
        RequestId id, CallerRequest request, byte[] payload, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TimeSpan timeout = request.Timeout ?? _options.DefaultTimeout;
        DateTimeOffset arrived = clock.ToWall(clock.At(request.ArrivedTimestamp));
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
        return grains.GetGrain<IRequestGrain>(id.ToString()).Accept(envelope, report, timeToLive).WaitAsync(CallLimit, clock.Time, cancellationToken);
    }

    private string? Problem(TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
            return "ttl must be more than zero";
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
}
