using ActorPerf.Jobs;

namespace ActorPerf.Storage.Graph;

/// <summary>One job waits, or waited, for another.</summary>
/// <param name="Parent">The store's number of the job that has to end.</param>
/// <param name="Child">Of the job that waits for it.</param>
/// <param name="Position">Place among the edges of <paramref name="Child"/>, as they were named.</param>
/// <param name="Name">What the waiting job calls the other one; null for nothing.</param>
/// <param name="Done">The parent has ended, or nobody waits for it any more.</param>
internal sealed record GraphEdge(long Parent, JobId ParentId, long Child, EdgeKind Kind, DependsOn On, int Position, string? Name, bool Done);

/// <summary>Why a job waits for another. The numbers are stored; never renumber.</summary>
internal enum EdgeKind
{
    /// <summary>The submission says so.</summary>
    Dependency = 0,

    /// <summary>A run of the waiting job submitted the other one and was set aside until it ends.</summary>
    Child = 1,
}
