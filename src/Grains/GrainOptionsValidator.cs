using System.Globalization;
using Microsoft.Extensions.Options;
using Switchboard.Abstractions.Tasks;

namespace Switchboard.Grains;

/// <summary>
/// Refuses invalid values at startup: all of them together, each with its key, its value and its bound. And two appliers of one queue.
/// </summary>
internal sealed class GrainOptionsValidator(IEnumerable<ITaskApplier> appliers) : IValidateOptions<GrainOptions>
{
    public ValidateOptionsResult Validate(string? name, GrainOptions options)
    {
        var problems = new List<string>();
        Number(nameof(options.QueueCapacity), options.QueueCapacity, 1, 1_000_000);
        Number(nameof(options.QueueCapacityBytes), options.QueueCapacityBytes, 1024, 1L << 40);
        Number(nameof(options.IndexCapacity), options.IndexCapacity, 1, 10_000_000);
        Number(nameof(options.IndexCapacityBytes), options.IndexCapacityBytes, 65_536, 1L << 40);
        Time(nameof(options.IndexForgetAfter), options.IndexForgetAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
        Number(nameof(options.SessionsPerAgent), options.SessionsPerAgent, 2, 1024);
        Number(nameof(options.SessionsPerPool), options.SessionsPerPool, 1, 1024);
        Number(nameof(options.DisplacementBurst), options.DisplacementBurst, 1, 1_000_000);
        Time(nameof(options.DisplacementInterval), options.DisplacementInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        Time(nameof(options.QueueStopTimeout), options.QueueStopTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Time(nameof(options.RegistryLease), options.RegistryLease, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Time(nameof(options.ActivationInquiry), options.ActivationInquiry, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        Time(nameof(options.ObserverCallTimeout), options.ObserverCallTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(4));
        foreach (var group in appliers.GroupBy(a => a.Queue, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            var names = string.Join(", ", group.Select(a => a.GetType().Name));
            problems.Add($"Queue '{group.Key}' has {group.Count()} appliers; it must have one: {names}.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Number(string key, long value, long least, long most)
        {
            if (value < least || value > most)
            {
                problems.Add(Problem(key, value, least, most));
            }
        }

        void Time(string key, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                problems.Add(Problem(key, value, least, most));
            }
        }
    }

    private static string Problem<T>(string key, T value, T least, T most) => string.Create(
        CultureInfo.InvariantCulture, $"{GrainOptions.SectionName}:{key} is {value}; it must be from {least} to {most}.");
}
