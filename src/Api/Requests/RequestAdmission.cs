using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>Checks a caller's request, live or durable, and creates the message for its agent. Nothing is kept of a rejected one.</summary>
internal sealed class RequestAdmission(AdmissionLimits limits, IOptions<RequestOptions> options)
{
    /// <summary>
    /// The maximum of bytes that the gateway adds to a message on its way to an agent, serialised: the id of 16 digits (18), the session
    /// (9), the attempt (up to 6) and the timeout (up to 11).
    /// </summary>
    public const int AddedBytes = 18 + 9 + 6 + 11;

    private readonly RequestOptions _options = options.Value;

    /// <summary>Checks rates, fields and size.</summary>
    /// <param name="request">The caller's request.</param>
    /// <param name="message">The message for the agent, without what the gateway adds.</param>
    /// <param name="size">Its serialised length, in bytes, with what the gateway adds.</param>
    /// <returns>Null: it is admitted.</returns>
    public Rejection? Check(CallerRequest request, out AgentRequest message, out int size)
    {
        (message, size) = (null!, 0);
        if (!limits.TryRequest(request.Caller, request.Agent, out var tooMany))
        {
            return new Rejection(Verdict.Overloaded, tooMany);
        }

        if (CallerRequestRules.Problem(request, _options) is { } problem)
        {
            return new Rejection(Verdict.BadRequest, problem);
        }

        message = ToMessage(request);
        size = message.CalculateSize() + AddedBytes;
        return size > _options.MaxMessageBytes
            ? new Rejection(Verdict.TooLarge, $"the request is longer than {_options.MaxMessageBytes} bytes, with what the gateway adds")
            : null;
    }

    private static AgentRequest ToMessage(CallerRequest request)
    {
        if (request.Wire is { } wire)
        {
            // A caller must not set these fields, which are the gateway's own.
            (wire.Id, wire.Control, wire.SessionId, wire.Attempt, wire.Timeout) = ("", null, 0, 0, null);
            request.Trace.WriteTo(wire.Headers);
            return wire;
        }

        var message = new AgentRequest { AgentId = request.Agent.AgentId, Method = request.Method, Body = request.Body, Http = request.Http };
        Copy(request.Headers, message.Headers);
        request.Trace.WriteTo(message.Headers);
        message.HeaderList.AddRange(request.HeaderList);
        return message;
    }

    private static void Copy(IReadOnlyDictionary<string, string> from, MapField<string, string> to)
    {
        foreach (var (name, value) in from)
        {
            to[name] = value;
        }
    }
}
