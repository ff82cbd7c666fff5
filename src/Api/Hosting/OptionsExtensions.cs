using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Switchboard.Api.Hosting;

/// <summary>
/// Binds settings to options. To add a setting: a property with its default and its <c>[Range]</c>, and a line in docs/configuration.md.
/// </summary>
public static class OptionsExtensions
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to its section. At startup every section is validated, and all errors of all sections are reported
    /// together: unknown keys, values that cannot be read, values outside their <c>[Range]</c>, and those that <see
    /// cref="System.ComponentModel.DataAnnotations.IValidatableObject"/> returns for settings that do not fit together.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, as <c>Switchboard:Sessions</c>.</param>
    public static IServiceCollection AddSwitchboardOptions<T>(this IServiceCollection services, string section)
        where T : class, new()
    {
        services.AllowSwitchboardSection(section);
        services.AddOptions<T>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<T>>(p => new SectionBinding<T>(p.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<T>>(
            p => new SectionValidation<T>(p.GetRequiredService<IConfiguration>().GetSection(section)));
        return services;
    }

    /// <summary>Allows a section of the shared settings file that nothing in this process reads.</summary>
    public static IServiceCollection AllowSwitchboardSection(this IServiceCollection services, string section)
    {
        services.AddSingleton(new KnownSection(section));
        services.AddOptions<SectionNames>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SectionNames>, SectionNamesValidation>());
        return services;
    }

    /// <summary>
    /// Reads settings before they are validated, or returns the defaults if they cannot be read: a host is built before its settings are
    /// validated, and does not start with invalid ones.
    /// </summary>
    internal static T Peek<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        var settings = new T();
        SectionReader.Read(configuration.GetSection(section), settings);
        return settings;
    }

    /// <summary>
    /// Returns the settings, or null if they are invalid: for what the host creates before it validates them. It does not start then, and
    /// reports the errors.
    /// </summary>
    internal static T? ValueIfRight<T>(this IOptions<T> options)
        where T : class
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    private sealed class SectionBinding<T>(IConfigurationSection section) : IConfigureOptions<T>
        where T : class, new()
    {
        // Errors are reported by the validation, together with those of other sections.
        public void Configure(T options) => SectionReader.Read(section, options);
    }

    private sealed class SectionValidation<T>(IConfigurationSection section) : IValidateOptions<T>
        where T : class, new()
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            // Read again, into a discarded object: the values are bound, and this time the errors are collected.
            var problems = SectionReader.Read(section, new T());
            problems.AddRange(SectionReader.Check(section.Path, options));
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }

    private sealed record KnownSection(string Path);

    private sealed class SectionNames;

    private sealed class SectionNamesValidation(IConfiguration configuration, IEnumerable<KnownSection> known)
        : IValidateOptions<SectionNames>
    {
        private const string Root = "Switchboard";

        public ValidateOptionsResult Validate(string? name, SectionNames options)
        {
            var paths = known.Select(static k => k.Path).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToList();
            var problems = configuration.GetSection(Root).GetChildren()
                .Where(child => !paths.Contains(child.Path, StringComparer.OrdinalIgnoreCase))
                .Select(child => $"{child.Path} is not a section; there are {string.Join(", ", paths)}.")
                .ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
