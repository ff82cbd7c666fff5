using System.Text;
using Switchboard.Abstractions.Agents;
using Switchboard.Abstractions.Requests;
using Switchboard.Core.Ids;
using Switchboard.Core.Requests;
using Switchboard.Grains.Tests.Support;

namespace Switchboard.Grains.Tests.Requests;

/// <summary>One agent, one front door, a clock to turn, and durable requests to that agent.</summary>
internal sealed class RequestFixture : IAsyncDisposable
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private ulong _lastId = 1000;

    private RequestFixture(GrainCluster cluster, FakeFrontDoor door) => (Cluster, Door) = (cluster, door);

    public GrainCluster Cluster { get; }

    public FakeFrontDoor Door { get; }

    public ManualTimeProvider Time => Cluster.Time;

    public IAgentGrain Agent => Cluster.Agent("worker");

    public static async Task<RequestFixture> StartAsync(IDictionary<string, string?>? settings = null)
    {
        var cluster = await GrainCluster.StartAsync(settings: settings);
        return new RequestFixture(cluster, await cluster.DoorAsync());
    }

    public IRequestGrain Grain(ulong id) => Cluster.Grains.GetGrain<IRequestGrain>(new RequestId(id).ToString());

    public async Task<IRequestGrain> AcceptAsync(TimeSpan? timeToLive = null)
    {
        var id = ++_lastId;
        Assert.Equal(AcceptResult.Accepted, (await Grain(id).Accept(Envelope(id), Report(id), timeToLive ?? Hour).DefaultTimeout()).Result);
        return Grain(id);
    }

    public static RequestEnvelope Envelope(ulong id) => new()
    {
        RequestId = id,
        AgentKey = "default/worker",
        TimeLeft = Hour,
        Payload = Encoding.UTF8.GetBytes("work"),
    };

    public RequestReport Report(ulong id) => ReportOf(id, Time.GetUtcNow());

    public static RequestReport ReportOf(ulong id, DateTimeOffset now) => new()
    {
        RequestId = id,
        AgentKey = "default/worker",
        State = RequestState.Accepted,
        Sent = false,
        AcceptedAt = now,
        Deadline = now,
    };

    public static DurableOutcome Answered(uint attempt, string body = "done") => new()
    {
        Attempt = attempt,
        Verdict = Verdict.Answered,
        Sent = true,
        Response = new StoredResponse
        {
            Status = 200,
            Headers = new[] { new HeaderLine { Name = "n", Value = "v" } },
            Body = Encoding.UTF8.GetBytes(body),
        },
    };

    public static DurableOutcome Failed(uint attempt, Verdict verdict, bool sent = true) =>
        new() { Attempt = attempt, Verdict = verdict, Sent = sent };

    /// <summary>
    /// Turns the clock and waits until the request has done what fell due: its next call is a turn after that. From one timer to the
    /// next: a timer that fires is set again only when the grain has had its turn, and in one leap that turn would read any time on the
    /// way.
    /// </summary>
    public async Task<RequestReport?> PulseAsync(IRequestGrain request, double seconds)
    {
        var end = Time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        while (Time.UntilNextTimer is { } next && Time.GetUtcNow() + next < end)
        {
            Time.Advance(next);
            await request.Describe().DefaultTimeout();
        }

        Time.Advance(end - Time.GetUtcNow());
        return await request.Describe().DefaultTimeout();
    }

    /// <summary>The next hand-over, which must have happened.</summary>
    public RequestEnvelope Handed()
    {
        Assert.True(Door.HandOvers.TryRead(out var envelope), "nothing was handed over");
        return envelope;
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
