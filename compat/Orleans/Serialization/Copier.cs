using System.Diagnostics.CodeAnalysis;

namespace Orleans.Serialization;

/// <summary>Copies values of exactly one type.</summary>
internal abstract class Copier
{
    [return: NotNullIfNotNull(nameof(value))]
    public abstract object? CopyObject(object? value, CopyContext context);
}

/// <summary>Copies values of exactly one type.</summary>
internal abstract class Copier<T> : Copier
{
    public abstract T Copy(T value, CopyContext context);

    public sealed override object? CopyObject(object? value, CopyContext context) => value is null ? null : Copy((T)value, context);
}

/// <summary>Nothing to copy.</summary>
internal sealed class ShallowCopier<T> : Copier<T>
{
    public override T Copy(T value, CopyContext context) => value;
}

/// <summary>The declared type is not the last word: the value's own type decides.</summary>
internal sealed class DynamicCopier<T> : Copier<T>
{
    public override T Copy(T value, CopyContext context)
        => value is null ? value : (T)Copiers.OfValue(value, typeof(T)).CopyObject(value, context);
}

/// <summary>Refuses a type that cannot be sent, whenever a value of it is met.</summary>
internal sealed class MissingCopier<T>(string why) : Copier<T>
{
    public override T Copy(T value, CopyContext context) => value is null ? value : throw new CodecNotFoundException(why);
}
