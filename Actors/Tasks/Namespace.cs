using System.Text.RegularExpressions;

namespace ActorPerf.Tasks;

/// <summary>Whose jobs, cache entries and data something is (a tenant): the first part of every key. Nothing of one namespace is visible in another.</summary>
/// <remarks>1 to 64 characters of <c>a-z 0-9 . _ -</c>, beginning with a letter or digit. Compared byte by byte.</remarks>
public readonly partial record struct Namespace
{
    public const int MaxLength = 64;

    private readonly string? _name;

    private Namespace(string name) => _name = name;

    /// <summary>The namespace of a caller that names none.</summary>
    public static Namespace Default { get; } = new("default");

    public string Name => _name ?? "default";

    /// <summary>Reads a name; false where it breaks the rule above.</summary>
    public static bool TryParse(string? name, out Namespace value)
    {
        value = Default;
        if (name is null || !Allowed().IsMatch(name)) return false;
        value = name == "default" ? Default : new Namespace(name);
        return true;
    }

    /// <exception cref="ArgumentException"><paramref name="name"/> breaks the rule.</exception>
    public static Namespace Parse(string name) => TryParse(name, out var value)
        ? value
        : throw new ArgumentException($"'{name}' is no namespace: use 1 to {MaxLength} of a-z 0-9 . _ -, beginning with a letter or digit.", nameof(name));

    /// <summary>A name that was checked when it was stored.</summary>
    internal static Namespace FromStore(string name) => name == "default" ? Default : new Namespace(name);

    public override string ToString() => Name;

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Allowed();
}
