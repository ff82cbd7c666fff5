using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Switchboard.Abstractions.Durable;
using Switchboard.Api.Durable;
using Switchboard.Api.Durable.Logs;
using Switchboard.Api.Requests;
using Switchboard.Api.Tests.Harness;
using Switchboard.Core.Requests;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Durable;

/// <summary>Durable requests of two front doors that share what keeps them: accepted at one, for agents of the other.</summary>
public sealed class TwoFrontDoorsTests : IAsyncLifetime
{
    private static readonly DurableTerms _hour = new(TimeSpan.FromHours(1), Watched: true);

    private readonly MemoryRequestLog _log = new(new DurableOptions().Bounds(), TimeSpan.FromHours(1), TimeProvider.System);
    private readonly GatewayPair _pair;

    public TwoFrontDoorsTests() => _pair = new GatewayPair { Configure = services => services.Replace(ServiceDescriptor.Singleton<IRequestLog>(_log)) };

    public Task InitializeAsync() => _pair.InitializeAsync();

    public Task DisposeAsync() => _pair.DisposeAsync();

    /// <summary>Accepted at one front door, it is delivered by the other; its response is taken at either, and who waits is told.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_delivered_by_the_one_that_has_the_session(bool respondsElsewhere)
    {
        await using var agent = await _pair.ConnectAgentAsync("across");
        var durable = _pair.First.Service<IDurableRequests>();
        var arrived = _pair.First.Clock.Time.GetTimestamp();
        var accepted = await durable.AcceptAsync(Request("across"), _hour, CancellationToken.None);
        var waits = durable.WhenEndedAsync(accepted.Id, TimeSpan.FromMinutes(1), arrived, CancellationToken.None);
        var request = await agent.NextRequestAsync();
        Assert.Equal((accepted.Id.ToString(), 1U), (request.Id, request.Attempt));

        var response = new AgentResponse { Body = request.Body };
        if (respondsElsewhere)
        {
            using var channel = _pair.First.NewChannel();
            var metadata = new Metadata { { "request-id", request.Id }, { "session-id", $"{agent.SessionId}" } };
            using var call = new AgentGateway.AgentGatewayClient(channel).AgentResponsePublish(metadata);
            await call.RequestStream.WriteAsync(response);
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync.DefaultTimeout();
        }
        else
        {
            Assert.Equal(StatusCode.OK, await agent.RespondAsync(request.Id, response));
        }

        Assert.Equal(Verdict.Answered, (await waits.DefaultTimeout())!.Verdict);
        await _pair.AssertQuietAsync();
    }

    /// <summary>Cancelled at one front door, the agent of the other hears it.</summary>
    [Fact]
    public async Task It_is_cancelled_at_the_other()
    {
        await using var agent = await _pair.ConnectAgentAsync("cancelled");
        var accepted = await _pair.First.Service<IDurableRequests>().AcceptAsync(Request("cancelled"), _hour, CancellationToken.None);
        var request = await agent.NextRequestAsync();
        await _pair.First.Service<IRequestLookup>().CancelAsync(accepted.Id);
        Assert.Equal(request.Id, (await agent.NextControlAsync()).Cancel.RequestId);
        await _pair.AssertQuietAsync();
    }

    private CallerRequest Request(string agent) => new()
    {
        Agent = StuckStream.Subscriber(agent).Agent,
        Method = "keep",
        Body = ByteString.CopyFromUtf8("hello"),
        ArrivedTimestamp = _pair.First.Clock.Time.GetTimestamp(),
    };
}
