using System.Text;
using Google.Protobuf;
using Switchboard.Abstractions.Requests;
using Switchboard.Api.Durable;
using Switchboard.Api.Requests;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Durable;

/// <summary>Requests that are kept, and what can be asked about any request.</summary>
public sealed class DurableTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly DurableTerms _hour = new(TimeSpan.FromHours(1));

    private GatewayHost Host => fixture.Host;

    private IRequestLookup Lookup => Host.Service<IRequestLookup>();

    [Fact]
    public async Task It_is_delivered_and_its_response_kept()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "durable");
        var accepted = await Host.Service<IDurableRequests>().AcceptAsync(Request("durable"), _hour, CancellationToken.None);
        Assert.Null(accepted.Refused);
        Assert.True(accepted.Id.IsDurable);

        var request = await agent.NextRequestAsync();
        Assert.Equal((accepted.Id.ToString(), "keep", "hello"), (request.Id, request.Method, request.Body.ToStringUtf8()));
        await agent.RespondAsync(
            request.Id,
            new AgentResponse { Status = 201, Headers = { { "x", "y" } }, Body = ByteString.CopyFromUtf8("one ") },
            new AgentResponse { Body = ByteString.CopyFromUtf8("two") });
        // It is kept before the agent's call is acknowledged.
        var response = await Lookup.ReadResponseAsync(accepted.Id, 0, CancellationToken.None);
        Assert.Equal((201, "one two"), (response!.Request.Status, Encoding.UTF8.GetString(Assert.Single(response.Chunks).Span)));
        Assert.Equal(new HeaderLine { Name = "x", Value = "y" }, Assert.Single(response.Headers));
        Assert.Equal(Verdict.Answered, (await Lookup.DescribeAsync(accepted.Id))!.Verdict);
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Refused_as_a_live_one_is()
    {
        var durable = Host.Service<IDurableRequests>();
        Assert.Equal(Verdict.BadRequest, (await durable.AcceptAsync(Request("durable") with { Method = "a\nb" }, _hour, default)).Refused);
        Assert.Equal(Verdict.BadRequest, (await durable.AcceptAsync(Request("durable"), new(TimeSpan.Zero), default)).Refused);
        Assert.Equal(Verdict.BadRequest, (await durable.AcceptAsync(Request("durable"), new(TimeSpan.FromDays(8)), default)).Refused);
        var large = Request("durable") with { Body = ByteString.CopyFrom(new byte[RequestOptions.LongestMessage]) };
        Assert.Equal(Verdict.TooLarge, (await durable.AcceptAsync(large, _hour, default)).Refused);
    }

    /// <summary>What became of a live request can be asked while it is under way and after its end; who cancels it ends it.</summary>
    [Fact]
    public async Task A_live_request_can_be_looked_up_and_cancelled()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "looked-up");
        var call = TestCall.Start(Host, "looked-up", "hello");
        var request = await agent.NextRequestAsync();
        Assert.True(RequestId.TryParse(request.Id, out var id));
        var report = await Lookup.DescribeAsync(id);
        Assert.Equal((RequestState.Sent, null, true, 1u, 5L), (report!.State, report.Verdict, report.Sent, report.Attempt, report.RequestBytes));

        Assert.Equal(CancelResult.Cancelled, await Lookup.CancelAsync(id));
        Assert.Equal("caller-cancelled", (await call.EndAsync()).Reason);
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        report = await Lookup.DescribeAsync(id);
        Assert.Equal((RequestState.Ended, (Verdict?)Verdict.CallerCancelled), (report!.State, report.Verdict));
        Assert.NotNull(report.EndedAt);
        Assert.Equal(CancelResult.AlreadyEnded, await Lookup.CancelAsync(id));
        await Host.AssertQuietAsync();
    }

    [Fact]
    public async Task Nobody_knows_an_id_that_was_never_given()
    {
        Assert.Null(await Lookup.DescribeAsync(new RequestId(0xfffe_0000_0000_0001)));
        Assert.Equal(CancelResult.NotFound, await Lookup.CancelAsync(new RequestId(0xfffe_0000_0000_0001)));
    }

    private CallerRequest Request(string agent) => new()
    {
        Agent = StuckStream.Subscriber(agent).Agent,
        Method = "keep",
        Body = ByteString.CopyFromUtf8("hello"),
        ArrivedTimestamp = Host.Clock.Time.GetTimestamp(),
    };
}
