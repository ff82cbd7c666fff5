using System.Threading.Channels;

namespace Switchboard.Client.Tests.Fakes;

/// <summary>An agent under test, stopped and awaited at the end.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private RunningAgent(Uri address, SwitchboardHandler handler, Func<SwitchboardAgentOptions, SwitchboardAgentOptions>? change)
    {
        var options = new SwitchboardAgentOptions
        {
            Address = address,
            AgentId = "agent-1",
            ReconnectDelayMin = TimeSpan.FromMilliseconds(1),
            ReconnectDelayMax = TimeSpan.FromMilliseconds(20),
            StatusChanged = status => Statuses.Writer.TryWrite(status),
        };
        Completion = new SwitchboardAgent(change?.Invoke(options) ?? options, handler).RunAsync(_stop.Token);
    }

    public Task Completion { get; }

    public Channel<SwitchboardAgentStatus> Statuses { get; } = Channel.CreateUnbounded<SwitchboardAgentStatus>();

    public static RunningAgent Start(
        FakeGateway gateway, SwitchboardHandler handler, Func<SwitchboardAgentOptions, SwitchboardAgentOptions>? change = null) =>
        new(gateway.Address, handler, change);

    /// <summary>A handler for tests in which no request comes.</summary>
    public static Task NoHandler(SwitchboardRequest request, IAnswerWriter answer, CancellationToken cancelled) =>
        throw new InvalidOperationException("No request was to come.");

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
            // Where it ended with an error, the test has looked at it.
        }

        _stop.Dispose();
    }
}
