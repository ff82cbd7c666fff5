using System.Threading.Channels;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>Runs an agent under test; disposing it stops the agent and waits for its end.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private RunningAgent(Uri address, SwitchboardHandler handler, Func<SwitchboardAgentOptions, SwitchboardAgentOptions>? change)
    {
        var options = new SwitchboardAgentOptions
        {
            Address = address,
            AgentId = "agent-1",
            MinReconnectDelay = TimeSpan.FromMilliseconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
            StatusChanged = status => Statuses.Writer.TryWrite(status),
        };
        Completion = new SwitchboardAgent(change?.Invoke(options) ?? options, handler).RunAsync(_stop.Token);
    }

    public Task Completion { get; }

    public Channel<SwitchboardAgentStatus> Statuses { get; } = Channel.CreateUnbounded<SwitchboardAgentStatus>();

    public static RunningAgent Start(
        FakeGateway gateway, SwitchboardHandler handler, Func<SwitchboardAgentOptions, SwitchboardAgentOptions>? change = null) =>
        new(gateway.Address, handler, change);

    /// <summary>Fails; for tests in which no request arrives.</summary>
    public static Task NoHandler(SwitchboardRequest request, IResponseWriter response, CancellationToken cancelled) =>
        throw new InvalidOperationException("A request arrived that the test does not expect.");

    public async Task<SwitchboardAgentStatus> NextAsync(SwitchboardAgentState state)
    {
        while (true)
        {
            var status = await Statuses.Reader.ReadAsync().DefaultTimeout();
            if (status.State == state)
            {
                return status;
            }
        }
    }

    public void Stop() => _stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await Completion.DefaultTimeout();
        }
        catch (SwitchboardException)
        {
            // A test that expects an error has checked it.
        }

        _stop.Dispose();
    }
}
