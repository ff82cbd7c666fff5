using Switchboard.Abstractions.FrontDoors;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains.Tasks;

/// <summary>
/// Brings outcomes to the lanes that wait for them. One call to a lane is under way at a time and what comes meanwhile goes with the
/// next one, so that a busy lane costs few calls and an idle one waits for nothing. A lane that fails, or takes too long, loses what
/// is meant for it: its callers learn at their own deadline that the outcome is unknown. It never holds up another lane.
/// Not thread-safe: a grain's turns are its lock.
/// </summary>
/// <param name="clock">Bounds each call.</param>
/// <param name="callLimit">How long a call may take.</param>
/// <param name="capacity">The most outcomes kept for one lane.</param>
/// <param name="lost">Hears of outcomes that were dropped: why, and how many.</param>
internal sealed class OutcomeSender(GrainClock clock, TimeSpan callLimit, int capacity, Action<Exception?, int> lost)
{
    /// <summary>The most outcomes in one call.</summary>
    public const int BatchCount = 512;

    /// <summary>The most bytes of results in one call, unless one result alone is longer.</summary>
    public const int BatchBytes = 1024 * 1024;

    private readonly Dictionary<IFrontDoorLane, Box> _boxes = [];

    /// <summary>Lanes with something on the way. Goes back to zero.</summary>
    public int Count => _boxes.Count;

    public void Post(IFrontDoorLane lane, TaskOutcome outcome)
    {
        if (!_boxes.TryGetValue(lane, out var box))
        {
            _boxes[lane] = box = new Box();
            box.Waiting.Enqueue(outcome);
            box.Sending = SendAsync(lane, box);
            return;
        }

        if (box.Waiting.Count < capacity)
            box.Waiting.Enqueue(outcome);
        else
            lost(null, 1);
    }

    /// <summary>Completes when what was posted until now has been delivered or dropped. Bounded by the bound on each call.</summary>
    public Task WhenSentAsync() => Task.WhenAll(_boxes.Values.Select(b => b.Sending).ToArray());

    private async Task SendAsync(IFrontDoorLane lane, Box box)
    {
        try
        {
            while (box.Waiting.Count > 0)
                await clock.Bound(lane.TaskOutcomes(Batch(box.Waiting)), callLimit);
        }
        catch (Exception e)
        {
            lost(e, box.Waiting.Count + box.LastBatch);
        }
        finally
        {
            // Between the look at an empty box and here there is no await, so that nothing can be posted to a box nobody empties.
            _boxes.Remove(lane);
        }

        TaskOutcome[] Batch(Queue<TaskOutcome> waiting)
        {
            var batch = new List<TaskOutcome>(Math.Min(waiting.Count, BatchCount));
            var bytes = 0L;
            while (batch.Count < BatchCount && waiting.TryPeek(out var next))
            {
                if (batch.Count > 0 && bytes + next.Result.Length > BatchBytes)
                    break;
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
