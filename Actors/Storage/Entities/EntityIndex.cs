using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <summary>A declared index of a kind: paths with directions.</summary>
/// <param name="Name">Made from the kind and the paths: another declaration has another name.</param>
internal sealed record EntityIndex(string Kind, IReadOnlyList<(EntityPath Path, bool Descending)> Paths, string Name)
{
    private const int MaxPaths = 8;
    private const string Prefix = "entity_";
    private const int DigestDigits = 16;

    /// <param name="declaration">As in <see cref="EntityKind.Indexes"/>: <c>email</c>, or <c>city,-createdAt</c>.</param>
    /// <exception cref="ArgumentException">It breaks the rule there.</exception>
    public static EntityIndex Of(string kind, string declaration)
    {
        Key.CheckKind(kind);
        var parts = declaration.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > MaxPaths) throw new ArgumentException($"The index '{declaration}' of {kind} has {parts.Length} paths; at most {MaxPaths} are allowed.", nameof(declaration));
        // A name may itself begin with '-'; as the sign of a direction it is taken off first, here as in an order on the wire.
        var paths = Array.ConvertAll(parts, part => part.StartsWith('-') ? (EntityPath.Parse(part[1..]), true) : (EntityPath.Parse(part), false));
        var canonical = string.Join(',', paths.Select(path => (path.Item2 ? "-" : "") + path.Item1.Text));
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}|{canonical}"));
        return new EntityIndex(kind, paths, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Convert.ToHexStringLower(digest.AsSpan(0, DigestDigits / 2))}"));
    }

    /// <summary>Those of these names that declarations have had, other than the ones given. Names of another make are somebody else's.</summary>
    public static IReadOnlyList<string> Others(IEnumerable<string> names, IReadOnlyList<EntityIndexDeclaration> declared)
    {
        var kept = declared.Select(index => Of(index.Kind, index.Paths).Name).ToHashSet(StringComparer.Ordinal);
        return [.. names.Where(name => IsDeclared(name) && !kept.Contains(name))];
    }

    private static bool IsDeclared(string name) =>
        name.Length == Prefix.Length + DigestDigits && name.StartsWith(Prefix, StringComparison.Ordinal) && name.Skip(Prefix.Length).All(char.IsAsciiHexDigitLower);
}
