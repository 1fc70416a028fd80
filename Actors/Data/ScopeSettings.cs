using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>How a scope begins.</summary>
public sealed record ScopeSettings
{
    public static ScopeSettings Default { get; } = new();

    /// <summary>Whose data; null: that of the scope around, or <c>default</c>.</summary>
    public Namespace? Namespace { get; init; }

    /// <summary>When its operations are given up, and from when on none is begun; never later than that of the scope around.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The scope of a transaction: it knows nothing from outside, and its statements are shared with nobody.</summary>
    internal bool IsTransaction { get; init; }
}
