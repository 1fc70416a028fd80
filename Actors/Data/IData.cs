using System.Runtime.CompilerServices;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Entities, asynchronously: every call returns at once and is awaited where its value is needed.</summary>
/// <remarks>
/// Gets that are under way together become one statement; nobody has to say so. A fault of the arguments is thrown by the call itself, a fault of the store
/// by the await. Inside a <c>DataScope</c> reads are remembered, writes of one key take place in the order of their calls, and leaving the scope awaits every
/// write that was started. Outside one a call stands alone. What the store does not answer within <c>actorperf.data.statement-timeout</c>, or before the deadline of the scope, is given up with
/// a <see cref="TimeoutException"/>, and nothing is begun after that deadline. Unlike other <see cref="ValueTask{TResult}"/>s, these may be kept and awaited later, also more than once, one at a time. Keys made by <see cref="Key"/> belong to <see cref="Namespace"/>.
/// </remarks>
public interface IData
{
    /// <summary>Of the scope around the caller; <c>default</c> outside one.</summary>
    Namespace Namespace { get; }

    /// <summary>A key in <see cref="Namespace"/>.</summary>
    /// <exception cref="ArgumentException">The kind or the id breaks its rule.</exception>
    Key Key(string kind, EntityId id) => Data.Key.Of(Namespace, kind, id);

    /// <summary>Null where there is none.</summary>
    ValueTask<Entity?> GetAsync(Key key, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>One item per key in their order, null where there is none. All of them go into the same batch.</summary>
    /// <param name="keys">Of one namespace; none gives none without asking.</param>
    ValueTask<IReadOnlyList<Entity?>> GetManyAsync(IReadOnlyList<Key> keys, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>Carries out one write.</summary>
    /// <returns>The entity as it stands now; null after a delete.</returns>
    /// <exception cref="VersionConflictException">It stood at another version.</exception>
    /// <exception cref="EntityStateException">An insert found one, or an update none.</exception>
    ValueTask<Entity?> WriteAsync(EntityWrite write, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>Carries out many writes, each on its own terms, in one batch.</summary>
    /// <returns>One outcome per write, in their order; a conflict is an outcome here, not an exception.</returns>
    ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(IReadOnlyList<EntityWrite> writes, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>Numbers for new entities of a kind, which no other caller gets. Taken from blocks, so that most calls ask no store.</summary>
    /// <param name="count">1 to 100,000.</param>
    /// <returns>The first; the others follow it without a gap.</returns>
    ValueTask<long> AllocateAsync(string kind, int count = 1, CancellationToken ct = default);

    /// <summary>One page; a query is a statement of its own and never joins others.</summary>
    ValueTask<EntityPage> QueryPageAsync(EntityQuery query, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>How many of a kind in <see cref="Namespace"/> meet a filter, counted by the store; it stops at <paramref name="most"/>.</summary>
    ValueTask<long> CountAsync(
        string kind, EntityFilter? filter = null, long most = long.MaxValue, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        CountAsync(new EntityQuery(Namespace, kind) { Filter = filter }, most, ct, file, line, member);

    /// <summary>How many meet a query's filter, in the query's own namespace; its order, place and limit are of no meaning.</summary>
    ValueTask<long> CountAsync(
        EntityQuery query, long most = long.MaxValue, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>Checks reads and writes all or nothing. <c>TransactAsync</c> makes, retries and settles these; use it instead.</summary>
    /// <exception cref="TimeoutException">It may or may not have taken place.</exception>
    ValueTask<CommitOutcome> CommitAsync(EntityCommit commit, CancellationToken ct = default);

    /// <summary>Runs code whose reads and writes take place all at once, or not at all.</summary>
    /// <remarks>Optimistic: nothing is locked while the body runs. Where others changed what it wrote after it read it, the body runs again, in a fresh scope and after a short pause; so it may
    /// run several times, and must not do what cannot be repeated. Writes of the scope around that are under way take place first.</remarks>
    /// <returns>What the body returned, also after <see cref="DataTransaction.Rollback"/>.</returns>
    /// <exception cref="VersionConflictException">Others were in the way at every try.</exception>
    /// <exception cref="EntityStateException">It inserts what is there already.</exception>
    /// <exception cref="AfterCommitException">It has taken place, and an action for afterwards failed.</exception>
    Task<T> TransactAsync<T>(
        Func<DataTransaction, Task<T>> body, TransactionOptions? options = null, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "");

    /// <summary>The kinds of <see cref="Namespace"/>, with their sizes.</summary>
    ValueTask<IReadOnlyList<KindSize>> KindsAsync(CancellationToken ct = default);

    /// <summary>Begins a scope, and makes it that of the caller: <c>await using var scope = data.BeginScope();</c></summary>
    /// <remarks>To be called where the scope is used, and not in an asynchronous method that returns it: what such a method makes ambient ends with it.</remarks>
    DataScope BeginScope(ScopeSettings? settings = null);

    /// <summary>What the pipelines have done so far.</summary>
    DataStatistics Statistics { get; }
}
