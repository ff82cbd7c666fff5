using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Switchboard.Api.Requests;

namespace Switchboard.Api.Grpc;

/// <summary>
/// A gRPC call's body as it is read. gRPC leaves a message in Kestrel's memory until it is whole: it looks at all that is there and takes
/// nothing. So what was looked at and not taken is an unfinished message, to which <see cref="UnfinishedMessages"/> applies. A message
/// that is whole at once costs a comparison here.
/// </summary>
internal sealed class WatchedBody(UnfinishedMessages rules) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    // So much of a message stays where Kestrel put it.
    private const int LongBytes = 64 * 1024;

    // The reader's own flow against the wheel's timer.
    private readonly Lock _gate = new();
    private PipeReader _body = null!;
    private HttpContext _context = null!;
    private bool _isAnswer;
    private bool _hasOneMessage;

    // Of this call, from its first unfinished message on; guarded by the gate, as is what follows.
    private Watch? _watch;
    private long _held;
    private TimeSpan _began;
    private RpcException? _cut;

    // Of a long message, all that has come and is not taken: the reader's own. Not looked at: there may be another whole message in it.
    private KeptBytes? _kept;
    private bool _isUnseen;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>For a new call.</summary>
    public void Begin(HttpContext context, MethodType? type)
    {
        _context = context;
        _body = context.Request.BodyReader;
        _isAnswer = type == MethodType.ClientStreaming;
        _hasOneMessage = type is MethodType.Unary or MethodType.ServerStreaming;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_watch is null || (_held == 0 && _cut is null && _kept is null))
            return _body.ReadAsync(cancellationToken);
        if (_cut is not null)
            throw _cut;
        if (_isUnseen)
            return new(new ReadResult(_kept!.Bytes, isCanceled: false, isCompleted: false));
        return CheckedAsync(_body.ReadAsync(cancellationToken));
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_cut is not null)
            throw _cut;
        return _body.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long held = Between(consumed, examined);
        bool goesOn = (held == 0 && _watch is null) || Hold(held);
        if (goesOn && _kept is null && held < LongBytes)
            _body.AdvanceTo(consumed, examined);
        else if (goesOn)
            Keep(consumed, examined);
        else
            ThrowAway(examined);
    }

    public override void CancelPendingRead() => _body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _body.Complete(exception);

    /// <summary>The call is over; must be said of one that had an unfinished message.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Release();
            if (_watch is not null)
                rules.Wheel.Remove(_watch);
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
        bool isSeen = _kept.Bytes.End.Equals(examined);
        if (_kept.AdvanceTo(consumed))
            _isUnseen = !isSeen;
        else
            Free();
    }

    // Kestrel's bytes, or, where they were taken out of its hands already, ours.
    private void ThrowAway(SequencePosition examined)
    {
        if (_kept is null)
            _body.AdvanceTo(examined);
        Free();
    }

    private void Free()
    {
        _kept?.Dispose();
        (_kept, _isUnseen) = (null, false);
    }

    // False: the call is cut, and what has come is to be thrown away.
    private bool Hold(long held)
    {
        lock (_gate)
        {
            if (_cut is null && held == 0 && !_hasOneMessage)
                Release();
            // The one message of its call stays in memory until the caller has ended its stream.
            if (_cut is not null || (_cut = rules.Count(Math.Max(held - _held, 0), _isAnswer)) is not null)
            {
                Release();
                return false;
            }
            if (_held == 0 && held > 0)
                Start();
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
        rules.Count(-_held, _isAnswer);
        _held = 0;
    }

    // Until it is looked at next; null: there is nothing to look at, until another message begins.
    private TimeSpan? Look(Watch watch, TimeSpan now)
    {
        lock (_gate)
        {
            // The wheel may have taken the watch before its call ended, and look at it when the next call is here already.
            if (watch != _watch)
                return null;
            TimeSpan due = _began + rules.Pace.Until(_held);
            if (_held > 0 && _cut is null && due > now)
            {
                // No later than the next message could be due, which may begin at any moment and finds the watch in the wheel.
                TimeSpan next = now + rules.Pace.Until(0);
                return due < next ? due : next;
            }
            watch.InWheel = false;
            if (_held > 0 && _cut is null)
            {
                _cut = rules.TooSlow(now - _began, _isAnswer);
                // Under the gate, so that it cannot hit the next call's read. Kestrel tells whoever waits for it on another thread.
                _body.CancelPendingRead();
            }
            return null;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> CheckedAsync(ValueTask<ReadResult> reading)
    {
        ReadResult read = await reading;
        lock (_gate)
        {
            if (_cut is not null)
            {
                _body.AdvanceTo(read.Buffer.End);
                Release();
                Free();
                throw _cut;
            }
            if (read.IsCompleted)
                Release();
        }
        if (_kept is null)
            return read;
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

    private sealed class Watch(WatchedBody body) : WheelEntry
    {
        /// <summary>Guarded by the body's gate.</summary>
        public bool InWheel { get; set; }

        protected internal override TimeSpan? OnDue(TimeSpan now) => body.Look(this, now);
    }
}
