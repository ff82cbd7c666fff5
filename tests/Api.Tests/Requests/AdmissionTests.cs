using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>What is refused: at once, unsent, with a reason, and leaving nothing behind.</summary>
public sealed class AdmissionTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>W13: what an agent has in flight is bounded; a slot is free exactly when its request ends.</summary>
    [Fact]
    public async Task No_more_in_flight_than_the_agent_takes()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "busy", maxInFlight: 3);
        var calls = Enumerable.Range(0, 3).Select(i => TestCall.Start(Host, "busy", $"{i}")).ToList();
        var requests = new List<AgentRequest>();
        foreach (var _ in calls)
        {
            requests.Add(await agent.NextRequestAsync());
        }

        var refused = await TestCall.RunAsync(Host, "busy");
        Assert.Equal((StatusCode.ResourceExhausted, "overloaded", "no"), (refused.Status, refused.Reason, refused.Sent));

        await agent.RespondAsync(requests[0].Id, new AgentResponse());
        var next = TestCall.Start(Host, "busy", "next");
        var taken = await agent.NextRequestAsync();
        Assert.Equal("next", taken.Body.ToStringUtf8());
        Assert.Equal("overloaded", (await TestCall.RunAsync(Host, "busy")).Reason);

        foreach (var request in requests.Skip(1).Append(taken))
        {
            await agent.RespondAsync(request.Id, new AgentResponse());
        }

        await Task.WhenAll(calls.Append(next).Select(c => c.EndAsync()));
        await Host.AssertQuietAsync();
    }

    /// <summary>W7: the id was the caller's, and a second one of the same name took the first one's response.</summary>
    [Fact]
    public async Task Two_callers_with_one_id()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "same-id");
        var first = TestCall.Start(Host, "same-id", "first", id: "mine");
        var request = await agent.NextRequestAsync();
        Assert.NotEqual("mine", request.Id);
        var second = await TestCall.RunAsync(Host, "same-id", "second", id: "mine");
        Assert.Equal((StatusCode.AlreadyExists, "duplicate-id", "no"), (second.Status, second.Reason, second.Sent));
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("for the first") });
        Assert.Equal("for the first", (await first.EndAsync()).Text);

        // It is free again: it names what is in flight, and no more.
        _ = agent.EchoAsync();
        Assert.Equal("third", (await TestCall.RunAsync(Host, "same-id", "third", id: "mine")).Text);
        await Host.AssertQuietAsync();
    }

    public static TheoryData<string, AgentRequest> BadRequests => new()
    {
        { "agent_id", new AgentRequest { AgentId = "no spaces" } },
        { "agent_id", new AgentRequest() },
        { "method", new AgentRequest { AgentId = "a", Method = new string('m', 257) } },
        { "method", new AgentRequest { AgentId = "a", Method = "a\r\nb" } },
        { "id", new AgentRequest { AgentId = "a", Id = new string('i', 256) } },
        { "timeout", new AgentRequest { AgentId = "a", Timeout = new Duration { Seconds = 601 } } },
        { "timeout", new AgentRequest { AgentId = "a", Timeout = new Duration() } },
        { "timeout", new AgentRequest { AgentId = "a", Timeout = new Duration { Seconds = -1 } } },
        { "timeout", new AgentRequest { AgentId = "a", Timeout = new Duration { Seconds = long.MaxValue, Nanos = int.MaxValue } } },
        { "headers", new AgentRequest { AgentId = "a", Headers = { { "x", "a\nb" } } } },
        { "headers", new AgentRequest { AgentId = "a", Headers = { { "", "a" } } } },
        { "headers", new AgentRequest { AgentId = "a", Headers = { { "x", new string('v', 70_000) } } } },
        { "headers", new AgentRequest { AgentId = "a", HeaderList = { Enumerable.Range(0, 257).Select(i => new Header { Name = $"h{i}" }) } } },
        { "http.target", new AgentRequest { AgentId = "a", Http = new HttpHead { Target = new string('/', 9000) } } },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_request_names_its_field(string field, AgentRequest request)
    {
        var end = await new TestCall(Host.Client, request).EndAsync();
        Assert.Equal((StatusCode.InvalidArgument, "bad-request", "no"), (end.Status, end.Reason, end.Sent));
        Assert.Contains(field, end.Detail, StringComparison.Ordinal);
        await Host.AssertQuietAsync();
    }

    public static TheoryData<string, SubscriberInfo> BadSubscribers => new()
    {
        { "agent_id", new SubscriberInfo { AgentId = "events" } },
        { "agent_id", new SubscriberInfo { AgentId = new string('a', 129) } },
        { "labels", new SubscriberInfo { AgentId = "a", Labels = { Enumerable.Range(0, 65).ToDictionary(i => $"l{i}", _ => "") } } },
        { "labels", new SubscriberInfo { AgentId = "a", Labels = { { new string('k', 129), "" } } } },
        { "labels", new SubscriberInfo { AgentId = "a", Labels = { { "k", new string('v', 257) } } } },
        { "labels", new SubscriberInfo { AgentId = "a", Labels = { { "k", "\u0001" } } } },
        { "software_version", new SubscriberInfo { AgentId = "a", SoftwareVersion = new string('1', 129) } },
    };

    [Theory]
    [MemberData(nameof(BadSubscribers))]
    public async Task A_bad_subscription_names_its_field(string field, SubscriberInfo info)
    {
        using var call = Host.Client.AgentRequestSubscribe(info);
        var e = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout());
        Assert.Equal((StatusCode.InvalidArgument, "bad-request"), (e.StatusCode, e.Trailers.GetValue("switchboard-reason")));
        Assert.Contains(field, e.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, Host.Sessions.Count);
    }

    /// <summary>A caller cannot speak to an agent with the gateway's own words.</summary>
    [Fact]
    public async Task A_callers_control_does_not_reach_the_agent()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "control");
        var request = TestCall.Request("control");
        request.Control = new Control { GoAway = new GoAway { Reason = "revoked" } };
        request.SessionId = 7;
        request.Attempt = 7;
        var call = new TestCall(Host.Client, request);
        var seen = await agent.NextRequestAsync();
        Assert.Equal((null, agent.SessionId, 1u), (seen.Control, seen.SessionId, seen.Attempt));
        await agent.RespondAsync(seen.Id, new AgentResponse());
        await call.EndAsync();
        await Host.AssertQuietAsync();
    }
}
