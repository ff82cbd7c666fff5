using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Core;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>Makes grain objects: their constructor's parameters come from the services, or are states.</summary>
internal static class GrainActivator
{
    private static readonly ConcurrentDictionary<Type, Recipe> s_recipes = new();

    public static bool IsReentrant(Type grainClass) => RecipeOf(grainClass).IsReentrant;

    /// <summary>
    /// A new object and its states, which are still to be read. InvalidOperationException: with what its constructor threw.
    /// </summary>
    public static (object Grain, IStorage[] States) Make(Type grainClass, Activation activation)
    {
        try
        {
            var recipe = RecipeOf(grainClass);
            var states = recipe.States.Select(make => make(activation)).ToArray();
            return (recipe.Make(activation.ActivationServices, states), states);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"Failed to create an instance of grain type '{grainClass}'. See InnerException for details.", exception);
        }
    }

    public static async Task DisposeAsync(object? grain)
    {
        if (grain is IAsyncDisposable later)
        {
            await later.DisposeAsync();
        }
        else
        {
            (grain as IDisposable)?.Dispose();
        }
    }

    private static Recipe RecipeOf(Type grainClass) => s_recipes.GetOrAdd(grainClass, static type =>
    {
        var constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        var parameters = constructors.Length == 1 ? constructors[0].GetParameters() : [];
        var states = parameters
            .Select(parameter => (parameter.ParameterType, State: parameter.GetCustomAttribute<PersistentStateAttribute>()))
            .Where(parameter => parameter.State is not null)
            .ToArray();
        return new Recipe(
            type.IsDefined(typeof(ReentrantAttribute), inherit: true),
            ActivatorUtilities.CreateFactory(type, [.. states.Select(s => s.ParameterType)]),
            [.. states.Select(s => PersistentState.Maker(s.ParameterType, s.State!))]);
    });

    private sealed record Recipe(bool IsReentrant, ObjectFactory Make, Func<Activation, IStorage>[] States);
}
