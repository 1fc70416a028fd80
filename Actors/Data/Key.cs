using System.Text.RegularExpressions;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Names one entity: whose it is, of which kind, and which.</summary>
public readonly partial record struct Key
{
    public const int MaxKindLength = 64;

    private Key(Namespace ns, string kind, EntityId id) => (Namespace, Kind, Id) = (ns, kind, id);

    public Namespace Namespace { get; }

    /// <summary>1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>, beginning with a letter. Compared byte by byte: <c>Account</c> and <c>account</c> are two kinds.</summary>
    public string Kind { get; }

    public EntityId Id { get; }

    /// <exception cref="ArgumentException">The kind breaks its rule, or the id is <c>default</c>.</exception>
    public static Key Of(Namespace ns, string kind, EntityId id)
    {
        CheckKind(kind);
        return id.IsValid ? new Key(ns, kind, id) : throw new ArgumentException("An id is missing: default(EntityId) names nothing.", nameof(id));
    }

    public static bool IsKind(string? kind) => kind is not null && Allowed().IsMatch(kind);

    /// <exception cref="ArgumentException">The kind breaks its rule.</exception>
    public static void CheckKind(string kind)
    {
        if (!IsKind(kind))
            throw new ArgumentException($"'{kind}' is no kind: use 1 to {MaxKindLength} of A-Z a-z 0-9 . _ -, beginning with a letter.", nameof(kind));
    }

    /// <summary>For people and logs: <c>Account/12</c>.</summary>
    public override string ToString() => $"{Kind}/{Id}";

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9._-]{0,63}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Allowed();
}
