using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit;

/// <summary>A store behind a script: every statement is counted, may take a while before and after it takes place, and may fail instead of taking place or after it.</summary>
public sealed class ScriptedEntityStore(IEntityStore inner, TimeProvider time) : IEntityStore
{
    private readonly Lock _gate = new();
    private readonly List<ScriptedStatement> _statements = [];
    private int _underWay;

    public EntityStoreLimits Limits { get; init; } = inner.Limits;

    /// <summary>How long a statement takes, before and after it takes place. Default: nothing.</summary>
    public Func<ScriptedStatement, (TimeSpan Before, TimeSpan After)> Delay { get; set; } = static _ => default;

    /// <summary>What a statement fails with instead of taking place; null: it takes place.</summary>
    public Func<ScriptedStatement, Exception?> FailBefore { get; set; } = static _ => null;

    /// <summary>What a statement fails with although it took place, such as <see cref="CommitUnknownException"/>.</summary>
    public Func<ScriptedStatement, Exception?> FailAfter { get; set; } = static _ => null;

    /// <summary>What goes on between a statement's taking place and its answer. Default: nothing.</summary>
    public Func<ScriptedStatement, Task> Afterwards { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Shown every page of a query. Default: nothing.</summary>
    public Action<EntityPage> Page { get; set; } = static _ => { };

    /// <summary>What has been asked so far, in order.</summary>
    public IReadOnlyList<ScriptedStatement> Statements
    {
        get
        {
            lock (_gate) return [.. _statements];
        }
    }

    public int Reads => Statements.Count(statement => statement.Sort == ScriptedSort.Read);

    public int Writes => Statements.Count(statement => statement.Sort == ScriptedSort.Write);

    /// <summary>The most statements that were under way at once.</summary>
    public int MostUnderWay { get; private set; }

    public void Forget()
    {
        lock (_gate) _statements.Clear();
    }

    public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Read, ns, keys), () => inner.ReadManyAsync(ns, keys, ct), ct);

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Write, ns, [.. writes.Select(write => write.Key)]), () => inner.WriteManyAsync(ns, writes, ct), ct);

    public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return CallAsync(new ScriptedStatement(ScriptedSort.Commit, ns, [.. commit.Writes.Select(write => write.Key)]), () => inner.CommitAsync(ns, commit, ct), ct);
    }

    public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Other, ns, []), () => inner.FindCommitAsync(ns, marker, ct), ct);

    public ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(query);
        return CallAsync(new ScriptedStatement(ScriptedSort.Query, query.Namespace, []), () => ShownAsync(inner.QueryAsync(query, ct)), ct);
    }

    public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Query, ns, []), () => inner.CountAsync(ns, kind, filter, most, ct), ct);

    public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Allocate, ns, []), () => inner.AllocateAsync(ns, kind, count, ct), ct);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) =>
        CallAsync(new ScriptedStatement(ScriptedSort.Other, ns, []), () => inner.KindsAsync(ns, ct), ct);

    public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => inner.EnsureIndexesAsync(kind, indexes, ct);

    public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => inner.DropOtherIndexesAsync(declared, ct);

    private async ValueTask<EntityPage> ShownAsync(ValueTask<EntityPage> reading)
    {
        var page = await reading;
        Page(page);
        return page;
    }

    private async ValueTask<T> CallAsync<T>(ScriptedStatement statement, Func<ValueTask<T>> call, CancellationToken ct)
    {
        lock (_gate)
        {
            _statements.Add(statement);
            MostUnderWay = Math.Max(MostUnderWay, ++_underWay);
        }
        try
        {
            var (before, after) = Delay(statement);
            if (before > TimeSpan.Zero) await VirtualPause.For(before, time, ct);
            if (FailBefore(statement) is { } refused) throw refused;
            var result = await call();
            await Afterwards(statement);
            if (after > TimeSpan.Zero) await VirtualPause.For(after, time, ct);
            if (FailAfter(statement) is { } lost) throw lost;
            return result;
        }
        finally
        {
            lock (_gate) _underWay--;
        }
    }
}

/// <summary>One call of a store.</summary>
/// <param name="Keys">Read or written; none for queries.</param>
public sealed record ScriptedStatement(ScriptedSort Sort, Namespace Namespace, IReadOnlyList<Key> Keys);

public enum ScriptedSort
{
    Read,
    Write,
    Commit,
    Query,
    Allocate,
    Other,
}
