namespace Switchboard.TestSupport;

/// <summary>
/// A place in the code under test where a test stops it, to force an order of events: the code calls
/// <see cref="WaitToContinueAsync"/>; the test waits for <see cref="WaitForArrivalAsync"/>, does what must happen in between, and lets
/// it go on.
/// </summary>
internal sealed class SyncPoint
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _continue = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>For the test: the code has come to this place.</summary>
    public Task WaitForArrivalAsync() => _arrived.Task.DefaultTimeout();

    /// <summary>For the test: the code may go on.</summary>
    public void Continue() => _continue.TrySetResult();

    /// <summary>For the code under test: says that it is here and waits.</summary>
    public Task WaitToContinueAsync()
    {
        _arrived.TrySetResult();
        return _continue.Task.DefaultTimeout();
    }
}
