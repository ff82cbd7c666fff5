namespace Switchboard.Grains;

/// <summary>What the grains have to know of the storage that they were given.</summary>
/// <param name="SurvivesProcess">Whether what was written is still there when every process has gone.</param>
public sealed record StorageTraits(bool SurvivesProcess);
