using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A write of entities on its way through the write queue. Whoever sent it awaits its outcome, which stands after the commit.</summary>
internal abstract class SqliteEntityWrite
{
    private SqliteEntityWrite()
    {
    }

    public abstract int Bytes { get; }

    /// <summary>It is durable: answer.</summary>
    public abstract void Commit();

    public abstract void Fail(Exception cause);

    /// <summary>Writes on their own terms each.</summary>
    public sealed class Many(IReadOnlyList<EntityWrite> writes) : Awaited<WriteOutcome[]>(Size(writes))
    {
        public IReadOnlyList<EntityWrite> Writes { get; } = writes;
    }

    /// <summary>All or nothing.</summary>
    public sealed class Whole(Namespace ns, EntityCommit commit) : Awaited<CommitOutcome>(Size(commit.Writes) + (64 * commit.Reads.Count) + 64)
    {
        public Namespace Namespace { get; } = ns;
        public EntityCommit Content { get; } = commit;
    }

    /// <summary>Sets numbers aside.</summary>
    public sealed class Numbers(Namespace ns, string kind, int count) : Awaited<long>(64)
    {
        public Namespace Namespace { get; } = ns;
        public string Kind { get; } = kind;
        public int Count { get; } = count;
    }

    /// <summary>Makes indexes.</summary>
    public sealed class Indexes(IReadOnlyList<string> statements) : Awaited<bool>(64)
    {
        public IReadOnlyList<string> Statements { get; } = statements;
    }

    /// <summary>Drops the indexes of other declarations; answers with their names.</summary>
    public sealed class OtherIndexes(IReadOnlyList<EntityIndexDeclaration> declared) : Awaited<IReadOnlyList<string>>(64)
    {
        public IReadOnlyList<EntityIndexDeclaration> Declared { get; } = declared;
    }

    public abstract class Awaited<T>(int bytes) : SqliteEntityWrite
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override int Bytes { get; } = bytes;

        public Task<T> Task => _done.Task;

        /// <summary>Set when it is applied; told once it is durable.</summary>
        public T? Outcome { get; set; }

        public override void Commit() => _done.TrySetResult(Outcome!);

        public override void Fail(Exception cause) => _done.TrySetException(cause);
    }

    private static int Size(IReadOnlyList<EntityWrite> writes)
    {
        var bytes = 0;
        foreach (var write in writes) bytes += 128 + Entities.EntityRules.DataOf(write).Length;
        return bytes;
    }
}
