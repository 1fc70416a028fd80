using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web;

/// <summary>A front door whose every get starts a write besides that nobody awaits.</summary>
internal sealed class StrayWrites(IData inner, EntityWrite stray) : IData
{
    public Namespace Namespace => inner.Namespace;

    public DataStatistics Statistics => inner.Statistics;

    public ValueTask<Entity?> GetAsync(Key key, CancellationToken ct = default, string file = "", int line = 0)
    {
        _ = inner.WriteAsync(stray, CancellationToken.None);
        return inner.GetAsync(key, ct, file, line);
    }

    public ValueTask<IReadOnlyList<Entity?>> GetManyAsync(IReadOnlyList<Key> keys, CancellationToken ct = default, string file = "", int line = 0) => inner.GetManyAsync(keys, ct, file, line);

    public ValueTask<Entity?> WriteAsync(EntityWrite write, CancellationToken ct = default, string file = "", int line = 0) => inner.WriteAsync(write, ct, file, line);

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(IReadOnlyList<EntityWrite> writes, CancellationToken ct = default, string file = "", int line = 0) =>
        inner.WriteManyAsync(writes, ct, file, line);

    public ValueTask<long> AllocateAsync(string kind, int count = 1, CancellationToken ct = default) => inner.AllocateAsync(kind, count, ct);

    public ValueTask<EntityPage> QueryPageAsync(EntityQuery query, CancellationToken ct = default, string file = "", int line = 0) => inner.QueryPageAsync(query, ct, file, line);

    public ValueTask<long> CountAsync(string kind, EntityFilter? filter = null, long most = long.MaxValue, CancellationToken ct = default, string file = "", int line = 0) =>
        inner.CountAsync(kind, filter, most, ct, file, line);

    public ValueTask<CommitOutcome> CommitAsync(EntityCommit commit, CancellationToken ct = default) => inner.CommitAsync(commit, ct);

    public Task<T> TransactAsync<T>(Func<DataTransaction, Task<T>> body, TransactionOptions? options = null, CancellationToken ct = default, string file = "", int line = 0) =>
        inner.TransactAsync(body, options, ct, file, line);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(CancellationToken ct = default) => inner.KindsAsync(ct);

    public DataScope BeginScope(ScopeSettings? settings = null) => inner.BeginScope(settings);
}
