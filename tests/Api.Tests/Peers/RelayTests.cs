using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Peers;

/// <summary>A request through two front doors is as one through one: streams, errors, cancel, deadline, limits.</summary>
public sealed class RelayTests(GatewayPair pair) : IClassFixture<GatewayPair>
{
    [Fact]
    public async Task The_whole_response_comes_in_order()
    {
        await using var agent = await pair.ConnectAgentAsync("whole");
        using var call = TestCall.Start(pair.First, "whole", "hello");
        var request = await agent.NextRequestAsync();
        Assert.Equal((await call.IdAsync(), "hello", 1u), (request.Id, request.Body.ToStringUtf8(), request.Attempt));
        var large = ByteString.CopyFrom(new byte[4_000_000]);
        var messages = Enumerable.Range(0, 200).Select(i => new AgentResponse { Body = ByteString.CopyFromUtf8($"{i};") }).ToList();
        messages[0].Status = 207;
        messages[0].Headers["x-one"] = "1";
        messages.Add(new AgentResponse { Body = large });
        var ended = agent.RespondAsync(request.Id, [.. messages]);
        var end = await call.EndAsync();
        Assert.Equal(StatusCode.OK, await ended);
        Assert.Equal(StatusCode.OK, end.Status);
        Assert.Equal((207u, "1"), (end.Messages[0].Status, end.Messages[0].Headers["x-one"]));
        Assert.Equal(messages.Select(m => m.Body), end.Messages.Select(m => m.Body));
        await pair.AssertQuietAsync();
    }

    [Fact]
    public async Task No_message_at_all_is_an_empty_response()
    {
        await using var agent = await pair.ConnectAgentAsync("empty");
        using var call = TestCall.Start(pair.First, "empty");
        Assert.Equal(StatusCode.OK, await agent.RespondAsync((await agent.NextRequestAsync()).Id));
        var end = await call.EndAsync();
        Assert.Equal((StatusCode.OK, 0), (end.Status, end.Messages.Count));
        await pair.AssertQuietAsync();
    }

    [Fact]
    public async Task A_caller_over_REST_gets_status_headers_and_body()
    {
        await using var agent = await pair.ConnectAgentAsync("rest");
        using var http = new HttpClient { BaseAddress = pair.First.Rest };
        var asked = http.PostAsync("/v1/agents/rest/requests?method=m", new StringContent("body"));
        var request = await agent.NextRequestAsync();
        Assert.Equal("body", request.Body.ToStringUtf8());
        var reply = new AgentResponse { Status = 418, Body = ByteString.CopyFromUtf8("tea") };
        reply.Headers["x-pot"] = "round";
        await agent.RespondAsync(request.Id, reply);
        using var response = await asked.DefaultTimeout();
        Assert.Equal((418, "tea"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("round", response.Headers.GetValues("x-pot").Single());
        await pair.AssertQuietAsync();
    }

    /// <summary>R3: a caller that goes away is heard by an agent at another front door.</summary>
    [Fact]
    public async Task A_cancel_reaches_the_agent()
    {
        await using var agent = await pair.ConnectAgentAsync("cancel");
        var call = TestCall.Start(pair.First, "cancel");
        var request = await agent.NextRequestAsync();
        using var responseCall = agent.OpenResponse(request.Id);
        await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("a") });
        await call.NextAsync();
        call.Dispose();
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        var error = await Assert.ThrowsAsync<RpcException>(() => responseCall.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await pair.AssertQuietAsync();
    }

    /// <summary>The holder's deadline comes first, and its verdict gets back.</summary>
    [Fact]
    public async Task A_deadline_is_told_as_such()
    {
        await using var agent = await pair.ConnectAgentAsync("late");
        var end = await TestCall.RunAsync(pair.First, "late", timeout: TimeSpan.FromMilliseconds(400));
        Assert.Equal(("first-message-timeout", "yes", StatusCode.DeadlineExceeded), (end.Reason, end.Sent, end.Status));
        Assert.Equal((await agent.NextRequestAsync()).Id, (await agent.NextControlAsync()).Cancel.RequestId);
        await pair.AssertQuietAsync();
    }

    [Fact]
    public async Task An_agents_error_is_told_with_its_text()
    {
        await using var agent = await pair.ConnectAgentAsync("fails");
        using var call = TestCall.Start(pair.First, "fails");
        await agent.RespondAsync((await agent.NextRequestAsync()).Id, new AgentResponse { Error = "out of paper" });
        var end = await call.EndAsync();
        Assert.Equal(("agent-failed", "yes"), (end.Reason, end.Sent));
        Assert.Contains("out of paper", end.Detail, StringComparison.Ordinal);
        await pair.AssertQuietAsync();
    }

    /// <summary>What one agent takes at once, its own front door counts, whichever a caller asks.</summary>
    [Fact]
    public async Task A_full_session_is_overloaded_and_unsent()
    {
        await using var agent = await pair.ConnectAgentAsync("full", maxInFlight: 1);
        using var first = TestCall.Start(pair.First, "full");
        var request = await agent.NextRequestAsync();
        var end = await TestCall.RunAsync(pair.First, "full");
        Assert.Equal(("overloaded", "no", StatusCode.ResourceExhausted), (end.Reason, end.Sent, end.Status));
        await agent.RespondAsync(request.Id, new AgentResponse());
        Assert.Equal(StatusCode.OK, (await first.EndAsync()).Status);
        await pair.AssertQuietAsync();
    }

    /// <summary>The route is remembered for 5 s; the session is gone sooner. The request is not lost, and the agent sees it once.</summary>
    [Fact]
    public async Task A_remembered_route_that_is_stale_is_looked_up_again()
    {
        var before = await pair.ConnectAgentAsync("moves");
        _ = before.EchoAsync();
        Assert.Equal("1", (await TestCall.RunAsync(pair.First, "moves", "1")).Text);
        await using var after = await pair.ConnectAgentAsync("moves");
        await before.Ended.DefaultTimeout();
        using var call = TestCall.Start(pair.First, "moves", "2");
        var request = await after.NextRequestAsync();
        await after.RespondAsync(request.Id, new AgentResponse { Body = request.Body });
        Assert.Equal("2", (await call.EndAsync()).Text);
        Assert.False(after.TryNextRequest(out _));
        await before.DisposeAsync();
        await pair.AssertQuietAsync();
    }

    [Fact]
    public async Task Nobody_anywhere_is_offline()
    {
        var end = await TestCall.RunAsync(pair.First, "nobody");
        Assert.Equal(("agent-offline", "no"), (end.Reason, end.Sent));
        await pair.AssertQuietAsync();
    }

    /// <summary>
    /// A balancer may part an agent's calls: its response comes to a front door that neither made the request's id nor holds the session,
    /// or to the one that made it and handed the request on.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_at_another_front_door_gets_to_its_request(bool callerThere)
    {
        var (callers, others) = callerThere ? (pair.First, pair.First) : (pair.Holder, pair.First);
        await using var agent = await pair.ConnectAgentAsync("parted");
        using var call = TestCall.Start(callers, "parted");
        var request = await agent.NextRequestAsync();
        using (var response = others.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId)))
        {
            for (var i = 0; i < 100; i++)
            {
                await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8($"{i};") });
            }

            await response.RequestStream.CompleteAsync();
            await response.ResponseAsync.DefaultTimeout();
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => $"{i};")), (await call.EndAsync()).Text);

        // Over, it is over there too.
        using var late = others.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId));
        var error = await Assert.ThrowsAsync<RpcException>(() => late.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.NotFound, error.StatusCode);
        await pair.AssertQuietAsync();
    }

    /// <summary>An agent that goes in the middle of a response that is passed on: the request ends by it, and nobody logs an error.</summary>
    [Fact]
    public async Task An_agent_that_goes_in_mid_response_at_another_front_door()
    {
        await using var agent = await pair.ConnectAgentAsync("leaves");
        using var call = TestCall.Start(pair.Holder, "leaves");
        var request = await agent.NextRequestAsync();
        using (var response = pair.First.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId)))
        {
            await response.RequestStream.WriteAsync(new AgentResponse { Body = ByteString.CopyFromUtf8("a") });
            await call.NextAsync();
        }

        var end = await call.EndAsync();
        Assert.Equal(("agent-failed", "yes", "a"), (end.Reason, end.Sent, end.Text));
        await pair.AssertQuietAsync();
    }

    /// <summary>Another session's response is refused, whichever front door it comes to.</summary>
    [Fact]
    public async Task A_response_of_another_session_is_refused_at_another_front_door()
    {
        await using var agent = await pair.ConnectAgentAsync("proved");
        using var call = TestCall.Start(pair.Holder, "proved");
        var request = await agent.NextRequestAsync();
        using var forged = pair.First.Client.AgentResponsePublish(Metadata(request.Id, agent.SessionId + 1));
        var error = await Assert.ThrowsAsync<RpcException>(() => forged.ResponseAsync.DefaultTimeout());
        Assert.Equal(StatusCode.PermissionDenied, error.StatusCode);
        await agent.RespondAsync(request.Id, new AgentResponse { Body = ByteString.CopyFromUtf8("mine") });
        Assert.Equal("mine", (await call.EndAsync()).Text);
        await pair.AssertQuietAsync();
    }

    private static Metadata Metadata(string requestId, ulong session) => new()
    {
        { "request-id", requestId },
        { "session-id", session.ToString(System.Globalization.CultureInfo.InvariantCulture) },
    };

    /// <summary>Each front door lists both, and what each holds, as the last renewal told.</summary>
    [Fact]
    public async Task The_cluster_lists_its_front_doors()
    {
        await using var agent = await pair.ConnectAgentAsync("listed");
        using var http = new HttpClient { BaseAddress = pair.First.Rest };
        await Eventually.IsTrueAsync(
            async () =>
            {
                using var cluster = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync("/v1/cluster"));
                var doors = cluster.RootElement.GetProperty("frontDoors").EnumerateArray().ToList();
                Assert.Equal([pair.First.FrontDoorNumber, pair.Holder.FrontDoorNumber], doors.Select(d => d.GetProperty("number").GetInt32()));
                Assert.Equal([true, false], doors.Select(d => d.GetProperty("isThis").GetBoolean()));
                Assert.Equal(pair.Between.Address.Authority, doors[1].GetProperty("peerAddress").GetString());
                return doors[1].GetProperty("sessions").GetInt32() > 0;
            },
            () => "the session is not counted");
    }

    /// <summary>A caller that waits at one front door is woken by a connect at the other.</summary>
    [Fact]
    public async Task Who_waits_for_an_agent_is_woken_by_its_connect_elsewhere()
    {
        using var call = new TestCall(pair.First.Client, TestCall.Request("awaited", "hello"), metadata: new Metadata { { "connect-wait", "30" } });
        await call.IdAsync();
        await using var agent = await pair.ConnectAgentAsync("awaited");
        var request = await agent.NextRequestAsync();
        await agent.RespondAsync(request.Id, new AgentResponse { Body = request.Body });
        Assert.Equal("hello", (await call.EndAsync()).Text);
        await pair.AssertQuietAsync();
    }

    /// <summary>R6 over a hop: callers that do not read hold up neither the others nor memory.</summary>
    [Fact]
    public async Task Stalled_callers_hold_up_nobody()
    {
        const int Stalled = 20;
        await using var agent = await pair.ConnectAgentAsync("stalled");
        var chunk = ByteString.CopyFrom(new byte[64 * 1024]);
        var sent = new int[Stalled];
        using var stop = new CancellationTokenSource();
        var calls = new List<TestCall>();
        for (var i = 0; i < Stalled; i++)
        {
            calls.Add(TestCall.Start(pair.First, "stalled"));
            var request = await agent.NextRequestAsync();
            _ = FloodAsync(request.Id, i);
        }

        // Until every window on the way is full, at both front doors.
        const long Full = Stalled * 262_144L;
        await Eventually.IsTrueAsync(
            () => pair.First.Limits.Bytes.Charged >= Full && pair.Holder.Limits.Bytes.Charged >= Full,
            () => $"{pair.First.Limits.Bytes.Charged} and {pair.Holder.Limits.Bytes.Charged} bytes are held");
        Assert.All(sent, n => Assert.InRange(n * 64L * 1024, 1, 4 * 1024 * 1024));

        // An ordinary request passes all the same.
        using var quick = TestCall.Start(pair.First, "stalled", "quick");
        var ordinary = await agent.NextRequestAsync();
        await agent.RespondAsync(ordinary.Id, new AgentResponse { Body = ordinary.Body });
        Assert.Equal("quick", (await quick.EndAsync()).Text);
        await stop.CancelAsync();
        calls.ForEach(static c => c.Dispose());
        await pair.AssertQuietAsync();

        async Task FloodAsync(string id, int index)
        {
            using var responseCall = agent.OpenResponse(id);
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    await responseCall.RequestStream.WriteAsync(new AgentResponse { Body = chunk }, stop.Token);
                    Interlocked.Increment(ref sent[index]);
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException)
            {
                // Its caller has gone.
            }
        }
    }
}
