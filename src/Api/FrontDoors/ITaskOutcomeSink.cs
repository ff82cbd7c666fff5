using Switchboard.Abstractions.Tasks;

namespace Switchboard.Api.FrontDoors;

/// <summary>Whom a lane gives the outcomes of tasks.</summary>
public interface ITaskOutcomeSink
{
    /// <summary>Takes outcomes, without waiting. Those of unknown ids are late and only counted.</summary>
    void Complete(IReadOnlyList<TaskOutcome> outcomes);
}
