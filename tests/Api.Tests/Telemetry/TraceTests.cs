using System.Diagnostics;
using Grpc.Core;
using Switchboard.Abstractions.Telemetry;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Telemetry;

/// <summary>Section 9: three spans, and a trace that can be followed from the caller to the agent and back.</summary>
public sealed class TraceTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    /// <summary>The caller's trace goes on in the gateway's span, that one in what the agent is told, and the response belongs to it.</summary>
    [Fact]
    public async Task A_grpc_callers_trace_reaches_the_agent_through_the_gateways_own_span()
    {
        using var spans = new SpanSpy();
        var trace = CallersTrace.New();
        await using var agent = await TestAgent.ConnectAsync(Host, "trace-grpc");
        using var call = Host.Client.AgentRequestPublish(
            TestCall.Request("trace-grpc", "hi"), new Metadata { { "traceparent", trace.Header }, { "tracestate", "vendor=1" } });
        var seen = await agent.NextRequestAsync();
        await agent.RespondAsync(seen.Id, new AgentResponse { Status = 200 });
        while (await call.ResponseStream.MoveNext(CancellationToken.None).DefaultTimeout())
        {
        }

        var request = await spans.EndedAsync(SpanNames.Publish, SpanNames.RequestId, seen.Id);
        Assert.Equal((trace.TraceId, trace.SpanId), (request.TraceId.ToHexString(), request.ParentSpanId.ToHexString()));
        Assert.Equal(("trace-grpc", "test", "answered"), (request.GetTagItem(SpanNames.AgentId), request.GetTagItem(SpanNames.Method), request.GetTagItem(SpanNames.Verdict)));
        Assert.Equal(request.Id, seen.Headers["traceparent"]);
        Assert.Equal("vendor=1", seen.Headers["tracestate"]);
        var response = await spans.EndedAsync(SpanNames.Respond, SpanNames.RequestId, seen.Id);
        Assert.Equal((request.TraceId, request.SpanId), (response.TraceId, response.ParentSpanId));
        Assert.Equal(("trace-grpc", "test"), (response.GetTagItem(SpanNames.AgentId), response.GetTagItem(SpanNames.Method)));
    }

    /// <summary>An agent that has a span of its own sends it with its response: then the response is a part of that.</summary>
    [Fact]
    public async Task An_agents_own_span_is_the_parent_of_its_response()
    {
        using var spans = new SpanSpy();
        var own = CallersTrace.New();
        await using var agent = await TestAgent.ConnectAsync(Host, "trace-agent");
        var running = TestCall.RunAsync(Host, "trace-agent");
        var seen = await agent.NextRequestAsync();
        var metadata = new Metadata
        {
            { "request-id", seen.Id },
            { "session-id", seen.SessionId.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            { "traceparent", own.Header },
        };
        using (var responseCall = agent.Client.AgentResponsePublish(metadata))
        {
            await responseCall.RequestStream.CompleteAsync();
            await responseCall.ResponseAsync.DefaultTimeout();
        }

        await running;
        var response = await spans.EndedAsync(SpanNames.Respond, SpanNames.RequestId, seen.Id);
        Assert.Equal((own.TraceId, own.SpanId), (response.TraceId.ToHexString(), response.ParentSpanId.ToHexString()));
    }

    [Fact]
    public async Task A_rest_callers_trace_goes_the_same_way_and_a_failure_is_marked()
    {
        using var spans = new SpanSpy();
        var trace = CallersTrace.New();
        using var client = new HttpClient { BaseAddress = Host.Rest };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/trace-nobody/requests?method=m");
        request.Headers.Add("traceparent", trace.Header);
        using var response = await client.SendAsync(request).DefaultTimeout();

        var span = await spans.EndedAsync(SpanNames.Publish, SpanNames.RequestId, response.Headers.GetValues("Request-Id").Single());
        Assert.Equal(trace.TraceId, span.TraceId.ToHexString());
        Assert.Equal((ActivityStatusCode.Error, "agent-offline"), (span.Status, span.StatusDescription));
        Assert.Equal(false, span.GetTagItem(SpanNames.Sent));
    }

    [Fact]
    public async Task A_subscription_is_one_span_as_long_as_it_lasts()
    {
        using var spans = new SpanSpy();
        await using (var agent = await TestAgent.ConnectAsync(Host, "trace-session"))
        {
            Assert.Equal("", (await TestCallOf(agent)).Text);
        }

        var span = await spans.EndedAsync(SpanNames.Subscribe, SpanNames.AgentId, "trace-session");
        Assert.Matches("^[0-9a-f]{12}$", (string)span.GetTagItem(SpanNames.SessionId)!);

        async Task<CallEnd> TestCallOf(TestAgent agent)
        {
            var running = TestCall.RunAsync(Host, "trace-session");
            await agent.RespondAsync((await agent.NextRequestAsync()).Id);
            return await running;
        }
    }

    /// <summary>What is not a trace context is not made into one, and does no harm.</summary>
    [Theory]
    [InlineData("rubbish")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public async Task A_malformed_traceparent_starts_a_trace_of_its_own(string header)
    {
        using var spans = new SpanSpy();
        var name = $"trace-bad-{header.Length}";
        await using var agent = await TestAgent.ConnectAsync(Host, name);
        using var call = Host.Client.AgentRequestPublish(TestCall.Request(name), new Metadata { { "traceparent", header } });
        var seen = await agent.NextRequestAsync();
        await agent.RespondAsync(seen.Id);

        var span = await spans.EndedAsync(SpanNames.Publish, SpanNames.RequestId, seen.Id);
        Assert.Equal(default, span.ParentSpanId);
        Assert.Equal(span.Id, seen.Headers["traceparent"]);
    }
}
