using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Graph;

/// <summary>The rows that <see cref="JobGraph"/> works on, inside the open transaction of a store.</summary>
internal interface IGraphRows
{
    /// <summary>The job with its arguments; null where there is none.</summary>
    Job? Find(long seq);

    /// <summary>The row of a namespace's job; null where there is none.</summary>
    JobRow? Find(Namespace ns, JobId id);

    /// <summary>UTF-8 JSON; null unless the job succeeded and its result is still kept.</summary>
    ReadOnlyMemory<byte>? ResultOf(long seq);

    void Add(Namespace ns, GraphEdge edge);

    /// <summary>Edges that wait for the job.</summary>
    IReadOnlyList<GraphEdge> OpenBehind(Namespace ns, long parent);

    /// <summary>Edges of the job, in their order.</summary>
    IReadOnlyList<GraphEdge> EdgesOf(long child);

    bool HasOpen(long child);

    void Close(Namespace ns, GraphEdge edge);

    /// <summary>Removes the edges of a kind that the job once waited along.</summary>
    void Remove(long child, EdgeKind kind);

    /// <summary>Decides and stores. Null when the rules leave the job as it is.</summary>
    Job? Apply(Job job, JobCommand command);

    /// <summary>Other arguments for a job that has not run.</summary>
    void SetArgs(long seq, ReadOnlyMemory<byte> args);

    /// <summary>Whether the first failure of a workflow's job ends all others.</summary>
    bool StopsOnFailure(Namespace ns, string workflow);

    /// <summary>Jobs of a workflow that are not final, in their order.</summary>
    IReadOnlyList<Job> Unfinished(Namespace ns, string workflow);
}
