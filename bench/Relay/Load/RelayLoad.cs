namespace Switchboard.Bench.Load;

/// <summary>Agents that answer and callers that ask them, over connections that stay open from round to round.</summary>
internal sealed class RelayLoad : ILoad
{
    private readonly List<LoadAgent> _agents = [];
    private readonly List<HttpMessageInvoker> _channels = [];
    private readonly List<ICaller> _callers = [];

    public static async Task<RelayLoad> StartAsync(Uri http, Uri grpc, BenchOptions options)
    {
        var load = new RelayLoad();
        for (var i = 0; i < options.Agents; i++)
        {
            load._agents.Add(await LoadAgent.ConnectAsync($"bench-{i}", grpc, options.Messages));
        }

        if (!options.Rest)
        {
            for (var i = 0; i < options.Connections; i++)
            {
                load._channels.Add(GrpcCalls.CreateChannel());
            }
        }

        for (var i = 0; i < options.Callers; i++)
        {
            var agent = load._agents[i % options.Agents].Id;
            var payload = new Payload(i, options.BodyBytes, options.Messages);
            load._callers.Add(options.Rest
                ? new RestCaller(await Http1Connection.ConnectAsync(http), http, agent, payload)
                : new GrpcCaller(load._channels[i % options.Connections], grpc, agent, payload));
        }

        return load;
    }

    public async Task<LoadResult> RunAsync(TimeSpan time, CancellationToken token)
    {
        var result = await ClosedLoop.RunAsync(_callers, time, Task.WhenAny(_agents.Select(a => a.Failed)).Unwrap(), token);

        // An agent's answer call may end a moment after the caller has all of it: what it costs belongs to this round.
        foreach (var agent in _agents)
        {
            await agent.IdleAsync().WaitAsync(BenchOptions.Patience, CancellationToken.None);
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers)
        {
            caller.Dispose();
        }

        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }
    }
}
