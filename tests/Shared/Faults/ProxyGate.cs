namespace Switchboard.TestSupport.Faults;

/// <summary>Open or shut; whoever comes while it is shut waits. Thread-safe.</summary>
internal sealed class ProxyGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _shut;

    public void Shut()
    {
        lock (_gate)
        {
            _shut ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _shut?.SetResult();
            _shut = null;
        }
    }

    public async ValueTask WhenOpenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_shut is null)
                {
                    return;
                }

                wait = _shut.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }
}
