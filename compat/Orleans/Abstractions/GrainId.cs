namespace Orleans.Runtime;

/// <summary>The key of a grain within its type. (The real one holds UTF-8; here a string is enough.)</summary>
public readonly record struct IdSpan
{
    private readonly string? _text;

    private IdSpan(string text) => _text = text;

    /// <summary>Nothing.</summary>
    public bool IsDefault => _text is null;

    /// <summary>From text.</summary>
    public static IdSpan Create(string id) => new(id);

    /// <summary>Declared for the name that the parameter has in the real one.</summary>
    public bool Equals(IdSpan obj) => _text == obj._text;

    public override int GetHashCode() => _text?.GetHashCode(StringComparison.Ordinal) ?? 0;

    public override string ToString() => _text ?? "";
}

/// <summary>
/// Which kind of grain: from <see cref="GrainTypeAttribute"/>, or the class' name in lower case without "grain" at its end.
/// </summary>
public readonly record struct GrainType
{
    /// <summary>From an id.</summary>
    public GrainType(IdSpan id) => Value = id;

    /// <summary>Nothing.</summary>
    public bool IsDefault => Value.IsDefault;

    /// <summary>The name.</summary>
    public IdSpan Value { get; }

    /// <summary>From text.</summary>
    public static GrainType Create(string value) => new(IdSpan.Create(value));

    /// <summary>Declared for the name that the parameter has in the real one.</summary>
    public bool Equals(GrainType obj) => Value.Equals(obj.Value);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Value.ToString();
}

/// <summary>The identity of a grain: its type and its key.</summary>
public readonly record struct GrainId
{
    private readonly int _hash;

    /// <summary>A grain of a type.</summary>
    public GrainId(GrainType type, IdSpan key) => (Type, Key, _hash) = (type, key, HashCode.Combine(type, key));

    /// <summary>Nothing.</summary>
    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    /// <summary>The key within the type.</summary>
    public IdSpan Key { get; }

    /// <summary>The type.</summary>
    public GrainType Type { get; }

    /// <summary>From its parts.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>From its parts. ArgumentException: there is nothing in the key.</summary>
    public static GrainId Create(GrainType type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(type, IdSpan.Create(key));
    }

    /// <summary>From its parts. ArgumentException: there is nothing in the key.</summary>
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    /// <summary>From <c>type/key</c>. ArgumentException: it is not that.</summary>
    public static GrainId Parse(string value)
        => value.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            ? Create(value[..slash], value[(slash + 1)..])
            : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id");

    public override int GetHashCode() => _hash;

    public override string ToString() => $"{Type}/{Key}";
}
