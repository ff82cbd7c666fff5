using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Switchboard.Api.Time;

namespace Switchboard.Api.Grpc;

/// <summary>
/// Watches a gRPC call's body as it is read. gRPC leaves a message in Kestrel's memory until it is complete: it examines all bytes and
/// consumes none. So bytes that were examined and not consumed are an unfinished message, to which <see cref="UnfinishedMessages"/>
/// applies. A message that is complete at once costs one comparison here.
/// </summary>
internal sealed class WatchedBody(UnfinishedMessages rules) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    // Up to this length a message stays in Kestrel's memory.
    private const int LongBytes = 64 * 1024;

    // Serializes the reader's flow with the timer of the timer wheel.
    private readonly Lock _gate = new();
    private PipeReader _body = null!;
    private HttpContext _context = null!;
    private bool _isResponse;
    private bool _hasOneMessage;

    // Of this call, from its first unfinished message on; guarded by the gate, as is what follows.
    private Watch? _watch;
    private long _held;
    private TimeSpan _began;
    private GrpcError? _cut;

    // Of a long message, all that has arrived and is not consumed. Used by the reader only. Not examined: there may be another complete
    // message in it.
    private KeptBytes? _kept;
    private bool _isUnseen;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Gets the error that cuts the call; null if it is not cut. Reads throw it.</summary>
    public GrpcError? Cut => _cut;

    /// <summary>Begins a new call.</summary>
    public void Begin(HttpContext context, MethodType? type)
    {
        _context = context;
        _body = context.Request.BodyReader;
        _isResponse = type == MethodType.ClientStreaming;
        _hasOneMessage = type is MethodType.Unary or MethodType.ServerStreaming;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_watch is null || (_held == 0 && _cut is null && _kept is null))
        {
            return _body.ReadAsync(cancellationToken);
        }

        if (_cut is { } cut)
        {
            throw cut.ToException();
        }

        if (_isUnseen)
        {
            return new(new ReadResult(_kept!.Bytes, isCanceled: false, isCompleted: false));
        }

        return CheckedAsync(_body.ReadAsync(cancellationToken));
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_cut is { } cut)
        {
            throw cut.ToException();
        }

        return _body.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var held = Between(consumed, examined);
        var goesOn = (held == 0 && _watch is null) || Hold(held);
        if (goesOn && _kept is null && held < LongBytes)
        {
            _body.AdvanceTo(consumed, examined);
        }
        else if (goesOn)
        {
            Keep(consumed, examined);
        }
        else
        {
            ThrowAway(examined);
        }
    }

    public override void CancelPendingRead() => _body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _body.Complete(exception);

    /// <summary>Ends the call; required for one that had an unfinished message.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Release();
            if (_watch is not null)
            {
                rules.Wheel.Remove(_watch);
            }

            (_watch, _cut) = (null, null);
        }
        Free();
    }

    private void Keep(SequencePosition consumed, SequencePosition examined)
    {
        if (_kept is null)
        {
            _kept = new KeptBytes();
            _kept.Append(new ReadOnlySequence<byte>(
                (ReadOnlySequenceSegment<byte>)consumed.GetObject()!, consumed.GetInteger(),
                (ReadOnlySequenceSegment<byte>)examined.GetObject()!, examined.GetInteger()));
            _body.AdvanceTo(examined);
            return;
        }
        var isSeen = _kept.Bytes.End.Equals(examined);
        if (_kept.AdvanceTo(consumed))
        {
            _isUnseen = !isSeen;
        }
        else
        {
            Free();
        }
    }

    // Kestrel's bytes or, if they were copied already, ours.
    private void ThrowAway(SequencePosition examined)
    {
        if (_kept is null)
        {
            _body.AdvanceTo(examined);
        }

        Free();
    }

    private void Free()
    {
        _kept?.Dispose();
        (_kept, _isUnseen) = (null, false);
    }

    // False: the call is cut, and what has arrived is to be dropped.
    private bool Hold(long held)
    {
        lock (_gate)
        {
            if (_cut is null && held == 0 && !_hasOneMessage)
            {
                Release();
            }
            // Before its bytes are counted: whoever sees that they are held may rely on the limit of their time.
            if (_cut is null && _held == 0 && held > 0)
            {
                Start();
            }
            // The one message of its call stays in memory until the caller has ended its stream.
            if (_cut is not null || (_cut = rules.Count(Math.Max(held - _held, 0), _isResponse)) is not null)
            {
                Release();
                return false;
            }

            _held = Math.Max(held, _held);
            return true;
        }
    }

    private void Start()
    {
        _began = rules.Now;
        if (_watch is null)
        {
            _watch = new Watch(this);
            _context.Response.RegisterForDispose(this);
        }
        if (!_watch.InWheel)
        {
            _watch.InWheel = true;
            rules.Wheel.Add(_watch, _began + rules.Pace.Until(0));
        }
    }

    private void Release()
    {
        rules.Count(-_held, _isResponse);
        _held = 0;
    }

    // Returns the time of the next check; null: none is needed until another message begins.
    private TimeSpan? Look(Watch watch, TimeSpan now)
    {
        lock (_gate)
        {
            // The wheel may have taken the watch before its call ended, and check it when the next call is here already.
            if (watch != _watch)
            {
                return null;
            }

            var due = _began + rules.Pace.Until(_held);
            if (_held > 0 && _cut is null && due > now)
            {
                // No later than the next message could be due, which may begin at any moment and finds the watch in the wheel.
                var next = now + rules.Pace.Until(0);
                return due < next ? due : next;
            }
            watch.InWheel = false;
            if (_held > 0 && _cut is null)
            {
                _cut = rules.TooSlow(now - _began, _isResponse);
                // Under the gate, so that it cannot cancel the next call's read. Kestrel completes a waiting read on another thread.
                _body.CancelPendingRead();
            }
            return null;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> CheckedAsync(ValueTask<ReadResult> reading)
    {
        var read = await reading;
        lock (_gate)
        {
            if (_cut is { } cut)
            {
                _body.AdvanceTo(read.Buffer.End);
                Release();
                Free();
                throw cut.ToException();
            }
            if (read.IsCompleted)
            {
                Release();
            }
        }
        if (_kept is null)
        {
            return read;
        }

        _kept.Append(read.Buffer);
        _body.AdvanceTo(read.Buffer.End);
        return new(_kept.Bytes, read.IsCanceled, read.IsCompleted);
    }

    private static long Between(SequencePosition from, SequencePosition to) =>
        (from.GetObject(), to.GetObject()) switch
        {
            (ReadOnlySequenceSegment<byte> first, ReadOnlySequenceSegment<byte> last) =>
                last.RunningIndex + to.GetInteger() - first.RunningIndex - from.GetInteger(),
            _ => to.GetInteger() - from.GetInteger(),
        };

    private sealed class Watch(WatchedBody body) : TimerWheelEntry
    {
        /// <summary>Guarded by the body's gate.</summary>
        public bool InWheel { get; set; }

        protected internal override TimeSpan? OnDue(TimeSpan now) => body.Look(this, now);
    }
}
