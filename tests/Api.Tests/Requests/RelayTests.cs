using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.Api.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>The main job: a caller's request reaches the agent, and the response comes back whole and in order (R1, R2).</summary>
public sealed class RelayTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    [Fact]
    public async Task The_agent_sees_the_request_and_the_caller_its_response()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "relay-one");
        var request = TestCall.Request("relay-one", "question");
        request.Headers["x-one"] = "1";
        request.HeaderList.Add(new Header { Name = "x-two", Value = "2" });
        using var call = new TestCall(Host.Client, request);
        var id = await call.IdAsync();

        var seen = await agent.NextRequestAsync();
        Assert.Equal(id, seen.Id);
        Assert.Equal(16, id.Length);
        Assert.Equal((agent.SessionId, 1u, "test", "question"), (seen.SessionId, seen.Attempt, seen.Method, seen.Body.ToStringUtf8()));
        Assert.Equal("1", seen.Headers["x-one"]);
        Assert.Equal(new Header { Name = "x-two", Value = "2" }, Assert.Single(seen.HeaderList));
        Assert.InRange(seen.Timeout.ToTimeSpan(), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));

        Assert.Equal(StatusCode.OK, await agent.RespondAsync(id, new AgentResponse { Status = 201, Body = ByteString.CopyFromUtf8("response") }));
        var end = await call.EndAsync();
        Assert.Equal(StatusCode.OK, end.Status);
        Assert.Equal((201u, "response"), (Assert.Single(end.Messages).Status, end.Text));
        await Host.AssertQuietAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Responses_of_any_number_of_messages(int count)
    {
        var name = $"relay-{count}";
        await using var agent = await TestAgent.ConnectAsync(Host, name);
        _ = agent.ServeAsync(r => agent.RespondAsync(r.Id, Enumerable.Range(0, count).Select(Message).ToArray()));
        var end = await TestCall.RunAsync(Host, name);
        Assert.Equal(StatusCode.OK, end.Status);
        Assert.Equal(Enumerable.Range(0, count).Select(Message), end.Messages);
        await Host.AssertQuietAsync();

        static AgentResponse Message(int i) => new() { Body = ByteString.CopyFromUtf8(i.ToString(CultureInfo.InvariantCulture)) };
    }

    /// <summary>The largest request is the one that, with all that the gateway adds, is as long as stock clients accept; one byte more is refused unsent.</summary>
    [Fact]
    public async Task The_largest_bodies_pass_and_one_byte_more_does_not()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "relay-large");
        _ = agent.EchoAsync();
        var request = TestCall.Request("relay-large");
        request.Body = ByteString.CopyFrom(new byte[4_194_304 - RequestAdmission.AddedBytes - request.CalculateSize() - 5]);
        var end = await new TestCall(Host.Client, request.Clone()).EndAsync();
        Assert.Equal((StatusCode.OK, request.Body), (end.Status, Assert.Single(end.Messages).Body));

        request.Body = ByteString.CopyFrom(new byte[request.Body.Length + 1]);
        end = await new TestCall(Host.Client, request).EndAsync();
        Assert.Equal((StatusCode.ResourceExhausted, "too-large", "no"), (end.Status, end.Reason, end.Sent));
        Assert.False(agent.TryNextRequest(out _));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Two_hundred_callers_of_one_agent_get_their_own_responses()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "relay-many");
        _ = agent.EchoAsync();
        var ends = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => TestCall.RunAsync(Host, "relay-many", $"caller {i}")));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"caller {i}"), ends.Select(e => e.Text));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Sixty_four_agents_at_once()
    {
        var agents = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => TestAgent.ConnectAsync(Host, $"relay-agent-{i}")));
        foreach (var agent in agents)
        {
            _ = agent.EchoAsync();
        }

        var ends = await Task.WhenAll(Enumerable.Range(0, 640).Select(i => TestCall.RunAsync(Host, $"relay-agent-{i % 64}", $"{i}")));
        Assert.All(ends, (end, i) => Assert.Equal($"{i}", end.Text));
        await Host.AssertQuietAsync();
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    /// <summary>W5: the original never took a request out of its table when all went well.</summary>
    [Fact]
    public async Task Ten_thousand_good_calls_leave_nothing_behind()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "relay-10k");
        _ = agent.EchoAsync();
        for (var round = 0; round < 50; round++)
        {
            var ends = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => TestCall.RunAsync(Host, "relay-10k", "x")));
            Assert.All(ends, end => Assert.Equal("x", end.Text));
        }

        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Nobody_there_is_said_at_once()
    {
        var end = await TestCall.RunAsync(Host, "relay-nobody");
        Assert.Equal((StatusCode.NotFound, "No agent subscribed for this id"), (end.Status, end.Detail));
        Assert.Equal(("agent-offline", "no"), (end.Reason, end.Sent));
        Assert.Equal(16, end.RequestId?.Length);
        await Host.AssertQuietAsync();
    }
}
