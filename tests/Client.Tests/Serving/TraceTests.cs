using System.Diagnostics;
using Switchboard.Client.Tests.Fakes;
using Switchboard.V1;

namespace Switchboard.Client.Tests.Serving;

/// <summary>Tests that a caller's trace continues in the agent's handler and in its response.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task A_handler_runs_in_a_span_of_the_callers_trace_and_its_response_carries_it()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SwitchboardTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Activity? span = null;
        await using var gateway = await FakeGateway.StartAsync();
        await using var agent = RunningAgent.Start(gateway, (_, _, _) =>
        {
            span = Activity.Current;
            return Task.CompletedTask;
        });
        var session = await gateway.NextSessionAsync();
        session.Send(new AgentRequest { Id = "r1", AgentId = "agent-1", Method = "m", SessionId = session.Id, Headers = { ["traceparent"] = Caller } });

        var response = await gateway.NextResponseAsync();
        Assert.Empty(await response.AllAsync());
        Assert.Equal(Caller, span!.ParentId);
        Assert.Equal("r1", span.GetTagItem("switchboard.request.id"));

        // The HTTP client makes a span of its own below the handler's: the trace is the same.
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", response.TraceParent, StringComparison.Ordinal);
    }
}
