using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Api.Tests.Requests;

/// <summary>An agent's response headers are bounded as a caller's are: more would break the caller's client.</summary>
public sealed class ResponseHeadersTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private GatewayHost Host => fixture.Host;

    [Theory]
    [InlineData(256, 0, true, null)]
    [InlineData(256, 0, false, null)]
    [InlineData(257, 0, true, "at most 256 are allowed")]
    [InlineData(20_000, 0, true, "there are 20000")]
    [InlineData(257, 0, false, "at most 256 are allowed")]
    [InlineData(1, 65_535, true, null)]
    [InlineData(1, 65_536, true, "at most 65536 are allowed")]
    [InlineData(1, 65_536, false, "at most 65536 are allowed")]
    [InlineData(1, 3 << 20, false, "at most 65536 are allowed")]
    public async Task Over_grpc(int count, int length, bool list, string? problem)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "headers");
        var call = TestCall.Start(Host, "headers");
        var completed = await agent.RespondAsync((await agent.NextRequestAsync()).Id, Response(count, length, list));
        var end = await call.EndAsync();
        if (problem is null)
        {
            Assert.Equal((StatusCode.OK, StatusCode.OK, count), (completed, end.Status, end.Messages[0].Headers.Count + end.Messages[0].HeaderList.Count));
        }
        else
        {
            Assert.Equal((StatusCode.InvalidArgument, StatusCode.Aborted, "agent-failed"), (completed, end.Status, end.Reason));
            Assert.Contains(problem, end.Detail, StringComparison.Ordinal);
        }

        await Host.AssertQuietAsync();
    }

    [Theory]
    [InlineData(20_000, 0)]
    [InlineData(1, 3 << 20)]
    public async Task Over_rest(int count, int length)
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "headers-rest");
        using var client = new HttpClient { BaseAddress = Host.Rest };
        var call = client.PostAsync("/v1/agents/headers-rest/requests", null);
        await agent.RespondAsync((await agent.NextRequestAsync()).Id, Response(count, length, list: true));
        using var response = await call.DefaultTimeout();
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(502, (int)response.StatusCode);
        Assert.Contains("agent-failed", text, StringComparison.Ordinal);
        Assert.Contains("are allowed", text, StringComparison.Ordinal);
        await Host.AssertQuietAsync();
    }

    /// <summary>A later message's headers are no other's.</summary>
    [Fact]
    public async Task Of_a_later_message()
    {
        await using var agent = await TestAgent.ConnectAsync(Host, "headers-later");
        var call = TestCall.Start(Host, "headers-later");
        var request = await agent.NextRequestAsync();
        Assert.Equal(StatusCode.InvalidArgument, await agent.RespondAsync(request.Id, new AgentResponse(), Response(257, 0, list: true)));
        Assert.Equal("agent-failed", (await call.EndAsync()).Reason);
        await Host.AssertQuietAsync();
    }

    private static AgentResponse Response(int count, int length, bool list)
    {
        var response = new AgentResponse { Body = ByteString.CopyFromUtf8("body") };
        for (var i = 0; i < count; i++)
        {
            var (name, value) = (count == 1 ? "n" : i.ToString("'n'00000", CultureInfo.InvariantCulture), new string('v', length));
            if (list)
            {
                response.HeaderList.Add(new Header { Name = name, Value = value });
            }
            else
            {
                response.Headers.Add(name, value);
            }
        }

        return response;
    }
}
