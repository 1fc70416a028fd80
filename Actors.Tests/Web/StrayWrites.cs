using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web;

/// <summary>A front door whose every get starts a write besides that nobody awaits.</summary>
internal sealed class StrayWrites(IData inner, EntityWrite stray) : IData
{
    public Namespace Namespace => inner.Namespace;

    public DataStatistics Statistics => inner.Statistics;

    public ValueTask<Entity?> GetAsync(Key key, CancellationToken ct = default, string file = "", int line = 0, string member = "")
    {
        _ = inner.WriteAsync(stray, CancellationToken.None);
        return inner.GetAsync(key, ct, file, line, member);
    }

    public ValueTask<IReadOnlyList<Entity?>> GetManyAsync(IReadOnlyList<Key> keys, CancellationToken ct = default, string file = "", int line = 0, string member = "") => inner.GetManyAsync(keys, ct, file, line, member);

    public ValueTask<Entity?> WriteAsync(EntityWrite write, CancellationToken ct = default, string file = "", int line = 0, string member = "") => inner.WriteAsync(write, ct, file, line, member);

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(IReadOnlyList<EntityWrite> writes, CancellationToken ct = default, string file = "", int line = 0, string member = "") =>
        inner.WriteManyAsync(writes, ct, file, line, member);

    public ValueTask<long> AllocateAsync(string kind, int count = 1, CancellationToken ct = default) => inner.AllocateAsync(kind, count, ct);

    public ValueTask<EntityPage> QueryPageAsync(EntityQuery query, CancellationToken ct = default, string file = "", int line = 0, string member = "") => inner.QueryPageAsync(query, ct, file, line, member);

    public ValueTask<long> CountAsync(EntityQuery query, long most = long.MaxValue, CancellationToken ct = default, string file = "", int line = 0, string member = "") =>
        inner.CountAsync(query, most, ct, file, line, member);

    public ValueTask<CommitOutcome> CommitAsync(EntityCommit commit, CancellationToken ct = default) => inner.CommitAsync(commit, ct);

    public Task<T> TransactAsync<T>(Func<DataTransaction, Task<T>> body, TransactionOptions? options = null, CancellationToken ct = default, string file = "", int line = 0, string member = "") =>
        inner.TransactAsync(body, options, ct, file, line, member);

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(CancellationToken ct = default) => inner.KindsAsync(ct);

    public DataScope BeginScope(ScopeSettings? settings = null) => inner.BeginScope(settings);
}
