using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Sends outcomes to the observers that wait for them. One call to an observer is under way at a time, and outcomes that arrive meanwhile
/// go with the next one, so that a busy observer costs few calls and an idle one does not wait. An observer that fails, or takes too long,
/// loses what is meant for it: its callers learn at their own deadline that the outcome is unknown. It never delays another observer. Not
/// thread-safe: a grain's turns are its lock.
/// </summary>
/// <param name="clock">Bounds each call.</param>
/// <param name="callLimit">The maximum time of a call.</param>
/// <param name="capacity">The maximum number of outcomes kept for one observer.</param>
/// <param name="lost">Called for outcomes that were dropped, with the cause and their number.</param>
internal sealed class OutcomeSender(GrainClock clock, TimeSpan callLimit, int capacity, Action<Exception?, int> lost)
{
    /// <summary>The maximum number of outcomes in one call.</summary>
    public const int BatchCount = 512;

    /// <summary>The maximum of result bytes in one call, unless one result alone is longer.</summary>
    public const int BatchBytes = 1024 * 1024;

    private readonly Dictionary<IFrontDoorObserver, Box> _boxes = [];

    /// <summary>The number of observers with outcomes on the way. Returns to zero.</summary>
    public int Count => _boxes.Count;

    public void Post(IFrontDoorObserver observer, TaskOutcome outcome)
    {
        if (!_boxes.TryGetValue(observer, out var box))
        {
            _boxes[observer] = box = new Box();
            box.Waiting.Enqueue(outcome);
            box.Sending = SendAsync(observer, box);
            return;
        }

        if (box.Waiting.Count < capacity)
        {
            box.Waiting.Enqueue(outcome);
        }
        else
        {
            lost(null, 1);
        }
    }

    /// <summary>Completes when what was posted until now has been delivered or dropped. Bounded by the bound on each call.</summary>
    public Task WhenSentAsync() => Task.WhenAll(_boxes.Values.Select(b => b.Sending).ToArray());

    private async Task SendAsync(IFrontDoorObserver observer, Box box)
    {
        try
        {
            while (box.Waiting.Count > 0)
            {
                await clock.Bound(observer.TaskOutcomes(Batch(box.Waiting)), callLimit);
            }
        }
        catch (Exception e)
        {
            lost(e, box.Waiting.Count + box.LastBatch);
        }
        finally
        {
            // There is no await between the check for an empty box and here, so that nothing can be posted to a box that is not emptied.
            _boxes.Remove(observer);
        }

        TaskOutcome[] Batch(Queue<TaskOutcome> waiting)
        {
            var batch = new List<TaskOutcome>(Math.Min(waiting.Count, BatchCount));
            var bytes = 0L;
            while (batch.Count < BatchCount && waiting.TryPeek(out var next))
            {
                if (batch.Count > 0 && bytes + next.Result.Length > BatchBytes)
                {
                    break;
                }

                bytes += next.Result.Length;
                batch.Add(waiting.Dequeue());
            }

            box.LastBatch = batch.Count;
            return batch.ToArray();
        }
    }

    private sealed class Box
    {
        public Queue<TaskOutcome> Waiting { get; } = new();

        public Task Sending { get; set; } = Task.CompletedTask;

        public int LastBatch { get; set; }
    }
}
