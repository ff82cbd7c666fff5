using Microsoft.Data.Sqlite;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Work that waits for its turn on a connection's thread. It ends once, with a result, an error, or cancelled before its turn.</summary>
internal abstract class WorkItem(long bytes)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Cancelled = 2;

    private int _state;
    private CancellationTokenRegistration _registration;

    /// <summary>Gets the bytes that it carries, as far as it said so.</summary>
    public long Bytes => bytes;

    /// <summary>Has it end at once when the token is cancelled before its turn.</summary>
    public void Watch(CancellationToken token) => _registration = token.UnsafeRegister(
        static (item, token) =>
        {
            if (Interlocked.CompareExchange(ref ((WorkItem)item!)._state, Cancelled, Waiting) == Waiting)
            {
                ((WorkItem)item).SetCancelled(token);
            }
        },
        this);

    /// <summary>Begins its turn; from now on no token ends it. False: it was cancelled.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;

    /// <summary>Does the work and keeps what came of it for <see cref="Complete"/>. False: it threw.</summary>
    public abstract bool Run(SqliteConnection connection);

    /// <summary>Tells the result, or the work's own error.</summary>
    /// <param name="failure">What failed after the work, which counts more than what came of it; null: nothing.</param>
    /// <param name="path">The file, for messages.</param>
    public void Complete(Exception? failure, string path)
    {
        _registration.Dispose();
        if ((failure ?? Error) is { } error)
        {
            SetError(SqliteErrors.Translate(error, path));
        }
        else
        {
            SetResult();
        }
    }

    /// <summary>Gets what the work threw; null: nothing.</summary>
    public Exception? Error { get; protected set; }

    protected abstract void SetCancelled(CancellationToken token);

    protected abstract void SetError(Exception error);

    protected abstract void SetResult();
}

/// <summary>Work with a result.</summary>
internal sealed class WorkItem<T>(Func<SqliteConnection, T> work, long bytes) : WorkItem(bytes)
{
    // Who awaits it goes on elsewhere, never on the connection's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _done.Task;

    public override bool Run(SqliteConnection connection)
    {
        try
        {
            _result = work(connection);
            return true;
        }
        catch (Exception e)
        {
            Error = e;
            return false;
        }
    }

    protected override void SetCancelled(CancellationToken token) => _done.TrySetCanceled(token);

    protected override void SetError(Exception error) => _done.TrySetException(error);

    protected override void SetResult() => _done.TrySetResult(_result);
}
