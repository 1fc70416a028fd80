using System.Buffers;

namespace ActorPerf.Kernel;

/// <summary>Where an actor stands in the tree: the names from the root down, and the number of its incarnation.</summary>
/// <remarks>Two paths are equal when address and names are; the incarnation (<see cref="Uid"/>) is compared by references, not by paths.</remarks>
public abstract class ActorPath : IEquatable<ActorPath>
{
    private static readonly SearchValues<char> Symbols =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\"-_.*$+:@&=,!~';()%");

    private protected ActorPath(string name, long uid)
    {
        Name = name;
        Uid = uid;
    }

    public abstract Address Address { get; }

    public abstract ActorPath Parent { get; }

    public abstract ActorPath Root { get; }

    /// <summary>Number of names below the root: 0 for the root, 1 for <c>/user</c>.</summary>
    public abstract int Depth { get; }

    public string Name { get; }

    public long Uid { get; }

    /// <summary>The names from below the root to this actor.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var names = new string[Depth];
            var path = this;
            for (var i = names.Length - 1; i >= 0; i--, path = path.Parent) names[i] = path.Name;
            return names;
        }
    }

    public ActorPath Child(string childName) => new ChildActorPath(this, childName, 0);

    /// <summary>Whether <paramref name="s"/> may name an actor: not empty, not starting with '$', letters, digits and -_.*$+:@&amp;=,!~';().</summary>
    public static bool IsValidPathElement(string s) =>
        !string.IsNullOrEmpty(s) && s[0] != '$' && !s.AsSpan().ContainsAnyExcept(Symbols);

    public string ToStringWithoutAddress() => Depth == 0 ? "/" : "/" + string.Join('/', Elements);

    public string ToStringWithAddress() => Address + ToStringWithoutAddress();

    public string ToStringWithUid() => Uid == 0 ? ToString() : $"{ToString()}#{Uid}";

    public override string ToString() => ToStringWithAddress();

    public bool Equals(ActorPath? other)
    {
        if (other is null || Depth != other.Depth) return false;
        ActorPath a = this, b = other;
        for (; a.Depth > 0; a = a.Parent, b = b.Parent)
        {
            if (ReferenceEquals(a, b)) return true;
            if (a.Name != b.Name) return false;
        }
        return a.Address.Equals(b.Address);
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var path = this; path.Depth > 0; path = path.Parent) hash.Add(path.Name);
        return hash.ToHashCode();
    }

    public static bool operator ==(ActorPath? left, ActorPath? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);
}

internal sealed class RootActorPath(Address address) : ActorPath("", 0)
{
    public override Address Address { get; } = address;

    public override ActorPath Parent => this;

    public override ActorPath Root => this;

    public override int Depth => 0;
}

internal sealed class ChildActorPath(ActorPath parent, string name, long uid) : ActorPath(name, uid)
{
    public override Address Address => Root.Address;

    public override ActorPath Parent { get; } = parent;

    public override ActorPath Root => Parent.Root;

    public override int Depth => Parent.Depth + 1;
}
