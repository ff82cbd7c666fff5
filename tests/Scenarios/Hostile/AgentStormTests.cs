using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Switchboard.TestSupport;
using Switchboard.V1;

namespace Switchboard.Scenarios.Hostile;

/// <summary>What agents can do to the real program: it lives, serves others, and comes back to rest.</summary>
[Collection(RunsAlone.Name)]
public sealed class AgentStormTests
{
    // The grain of an agent that was there remembers for 15 minutes what is over, and the index for longer that it exists: 12 KB.
    private const long OfAGoneAgent = 12 * 1024;

    /// <summary>3.8 million of them ended the process once. Now their agent is held up after what flow control lets go.</summary>
    [LinuxTheory]
    [InlineData(0)]
    [InlineData(3)]
    public Task Short_messages_to_a_caller_that_does_not_read(int bytes) => Victim.EnduresAsync(2, async victim =>
    {
        const int Flood = 3_800_000;
        using var agents = victim.NewChannel();
        using var callers = victim.NewChannel();
        using var agent = await StormAgent.ConnectAsync(agents, "flood");
        var call = new AgentGateway.AgentGatewayClient(callers).AgentRequestPublish(new AgentRequest { AgentId = "flood" });
        using var responseCall = agent.OpenResponse((await agent.NextRequestAsync()).Id);
        var message = new AgentResponse { Body = ByteString.CopyFrom(new byte[bytes]) };
        var written = 0;
        var flood = FloodAsync();

        // It stands when nothing more was written while others were served a thousand times.
        for (var before = -1; before != Volatile.Read(ref written) || before == 0;)
        {
            before = Volatile.Read(ref written);
            await victim.AskAsync(1000);
        }

        Assert.False(flood.IsCompleted);
        Assert.InRange(await victim.MetricAsync("switchboard_answers_held_bytes"), 1, 1 << 20);
        call.Dispose();
        await flood.DefaultTimeout();

        async Task FloodAsync()
        {
            try
            {
                for (; written < Flood; Interlocked.Increment(ref written))
                {
                    await responseCall.RequestStream.WriteAsync(message);
                }
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
            {
                // Cut off, because its caller has gone.
            }
        }
    });

    /// <summary>Made-up ids with as many labels as may be. The index keeps a bounded part of them.</summary>
    [LinuxFact]
    public Task Made_up_ids_with_labels() => Victim.EnduresAsync(
        15_000 * OfAGoneAgent,
        3,
        static async victim =>
        {
            using var channel = victim.NewChannel();
            await Parallel.ForEachAsync(Enumerable.Range(0, 5000), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
            {
                var who = new SubscriberInfo { AgentId = $"made-up-{Guid.NewGuid():n}" };
                for (var label = 0; label < 32; label++)
                {
                    who.Labels.Add($"label-{label}", new string((char)('a' + (i % 26)), 200));
                }

                using var agent = await StormAgent.ConnectAsync(channel, who);
            });
            Assert.InRange(await victim.MetricAsync("switchboard_index_bytes"), 1, 16 << 20);
        },
        "--Switchboard:Grains:IndexCapacityBytes=16777216");

    /// <summary>Our own: many connections that take one id from each other, and vanish.</summary>
    [LinuxFact]
    public Task Sessions_that_displace_one_another() => Victim.EnduresAsync(3, static async victim =>
    {
        using var channel = victim.NewChannel();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1500), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
        {
            using var agent = await StormAgent.ConnectAsync(channel, $"one-of-{i % 3}");
        });
    });

    [LinuxTheory]
    [InlineData(20_000, 4)]
    [InlineData(1, 3 << 20)]
    public Task Headers_without_measure(int count, int length) => Victim.EnduresAsync(2, async victim =>
    {
        using var agents = victim.NewChannel();
        using var callers = victim.NewChannel();
        using var agent = await StormAgent.ConnectAsync(agents, "headers");
        var client = new AgentGateway.AgentGatewayClient(callers);
        for (var i = 0; i < 20; i++)
        {
            using var call = client.AgentRequestPublish(new AgentRequest { AgentId = "headers" });
            using var responseCall = agent.OpenResponse((await agent.NextRequestAsync()).Id);
            var message = new AgentResponse();
            for (var header = 0; header < count; header++)
            {
                message.HeaderList.Add(new Header { Name = $"x-{header.ToString(CultureInfo.InvariantCulture)}", Value = new string('v', length) });
            }

            await responseCall.RequestStream.WriteAsync(message);
            var end = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().DefaultTimeout());
            Assert.Equal(StatusCode.Aborted, end.StatusCode);
        }
    });

    /// <summary>Our own: responses of 4 MB to durable requests, whose callers never come for them.</summary>
    [LinuxFact]
    public Task Large_responses_that_nobody_fetches() => Victim.EnduresAsync(2, static async victim =>
    {
        using var rest = victim.NewRest();
        using var channel = victim.NewChannel();
        using var agent = await StormAgent.ConnectAsync(channel, "large");
        var message = new AgentResponse { Body = ByteString.CopyFrom(new byte[2_000_000]) };
        for (var i = 0; i < 150; i++)
        {
            using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/large/requests?ttl=15");
            call.Headers.Add("Prefer", "respond-async");
            using var response = await rest.SendAsync(call).DefaultTimeout();
            if ((int)response.StatusCode == 507)
            {
                continue;
            }

            Assert.Equal(202, (int)response.StatusCode);
            using var responseCall = agent.OpenResponse((await agent.NextRequestAsync()).Id);
            await responseCall.RequestStream.WriteAsync(message).DefaultTimeout();
            await responseCall.RequestStream.WriteAsync(message).DefaultTimeout();
            await responseCall.RequestStream.CompleteAsync();
            await responseCall.ResponseAsync.DefaultTimeout();
        }

        Assert.InRange(await victim.MetricAsync("switchboard_durable_bytes"), 1, 272 << 20);
    });

    /// <summary>A fleet behind one NAT is one address.</summary>
    [LinuxFact]
    public Task Ten_thousand_agents_from_one_address() => Victim.EnduresAsync(10_000 * OfAGoneAgent, 1, static async victim =>
    {
        const int Fleet = 10_000;
        var channels = Enumerable.Range(0, 100).Select(_ => victim.NewChannel()).ToList();
        var agents = new System.Collections.Concurrent.ConcurrentBag<StormAgent>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Fleet), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
            agents.Add(await StormAgent.ConnectAsync(channels[i % channels.Count], $"fleet-{i}")));
        Assert.Equal(Fleet + 1, await victim.MetricAsync("switchboard_sessions"));
        foreach (var agent in agents)
        {
            agent.Dispose();
        }

        channels.ForEach(static channel => channel.Dispose());
    });
}
