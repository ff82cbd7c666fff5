using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;
using Switchboard.Api.Admission;
using Switchboard.Api.FrontDoors;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.V1;

namespace Switchboard.Api.Requests;

/// <summary>Lets a caller's request in, or says why not. What is refused leaves nothing behind.</summary>
internal sealed class RequestAdmission(RequestRegister register, IFrontDoor frontDoor, AdmissionLimits limits, IOptions<RequestOptions> options)
{
    /// <summary>
    /// What the gateway may add to a message on its way to an agent, as serialised: the id of 16 digits (18 bytes), the session (9), the
    /// attempt (up to 6) and the timeout (up to 11).
    /// </summary>
    public const int AddedBytes = 18 + 9 + 6 + 11;

    private readonly RequestOptions _options = options.Value;

    public bool TryAdmit(
        CallerRequest request, IAnswerSink sink, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LiveRequest? live, out RequestResult refused)
    {
        live = null;
        refused = null!;
        if (!frontDoor.Ready || frontDoor.Closed)
        {
            refused = Refuse(default, Verdict.Draining, frontDoor.Closed ? "the gateway is stopping" : "the gateway is not ready yet");
            return false;
        }
        RequestId id = frontDoor.Ids.Next();
        if (!limits.TryRequest(request.Caller, request.Agent, out string? tooMany))
        {
            refused = Refuse(id, Verdict.Overloaded, tooMany);
            return false;
        }
        if (CallerRequestRules.Problem(request, _options) is { } problem)
        {
            refused = Refuse(id, Verdict.BadRequest, problem);
            return false;
        }
        AgentRequest message = ToMessage(request);
        int size = message.CalculateSize() + AddedBytes;
        if (size > _options.MaxMessageBytes)
        {
            refused = Refuse(id, Verdict.TooLarge, $"the request is longer than {_options.MaxMessageBytes} bytes, with what the gateway adds");
            return false;
        }
        message.Id = id.ToString();
        var entered = new LiveRequest(register, id, TermsOf(request), message, size) { Sink = sink };
        if (register.Open(entered) is var (verdict, detail))
        {
            refused = Refuse(id, verdict, detail);
            return false;
        }
        live = entered;
        return true;
    }

    /// <summary>The message for the agent, without what the gateway adds.</summary>
    public static AgentRequest ToMessage(CallerRequest request)
    {
        if (request.Wire is { } wire)
        {
            // What a caller may not say to an agent: these are the gateway's own words.
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

    private RequestTerms TermsOf(CallerRequest request)
    {
        TimeSpan arrived = register.Clock.At(request.ArrivedTimestamp);
        TimeSpan deadline = arrived + (request.Timeout ?? _options.DefaultTimeout);
        TimeSpan? callers = arrived + request.CallerDeadlineLeft;
        if (callers is { } end && end - RequestTerms.BeforeCaller < deadline)
            deadline = end - RequestTerms.BeforeCaller;
        return new RequestTerms
        {
            Agent = request.Agent,
            Method = request.Method,
            Arrived = arrived,
            Deadline = deadline,
            CallerDeadline = callers,
            Caller = request.Caller,
            WaitForAgentUntil = arrived + request.ConnectWait,
            BodyBytes = request.Body.Length,
            CallerId = request.CallerId ?? "",
            Trace = request.Trace,
        };
    }

    private static RequestResult Refuse(RequestId id, Verdict verdict, string detail) => new(id, verdict, Sent: false, Started: false, detail);

    private static void Copy(IReadOnlyDictionary<string, string> from, MapField<string, string> to)
    {
        foreach (var (name, value) in from)
            to[name] = value;
    }
}
