using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>How a transaction is carried out.</summary>
public sealed record TransactionOptions
{
    public static TransactionOptions Default { get; } = new();

    /// <summary>Whether all that was read must still stand at the commit, not only what was written. Needed where a write rests on a read of another
    /// entity ("one of the two doctors stays on call"). Default: no.</summary>
    public bool ValidateReads { get; init; }

    /// <summary>Tries in all, the first included, while others are in the way. Default 5; 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 5;

    public TransactionNesting Nesting { get; init; }

    /// <summary>Whose data; null: that of the scope around. A transaction is of one namespace.</summary>
    public Namespace? Namespace { get; init; }
}

/// <summary>What a transaction does inside another one.</summary>
public enum TransactionNesting
{
    /// <summary>Becomes part of it: committed with it, or not at all.</summary>
    Join,

    /// <summary>Stands for itself: the one around knows nothing of it and cannot undo it.</summary>
    RequireNew,

    /// <summary>As <see cref="Join"/>, and refused where there is none around.</summary>
    Mandatory,

    /// <summary>Refused: begins where there is none around.</summary>
    Never,
}
