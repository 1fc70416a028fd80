using System.Runtime.CompilerServices;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>One try of a transaction: what it reads is noted, what it writes is kept until the end and then takes place all at once, or not at all.</summary>
/// <remarks>
/// <para>It is an <see cref="IData"/>; and what is asked of the ordinary <see cref="IData"/> inside the body goes through it too. Reads are batched as ever, repeat what they
/// said, and see the transaction's own writes, with the version that these are likely to get. An entity that was read and then written is written only if it still stands as it was read;
/// <see cref="TransactionOptions.ValidateReads"/> asks the same of everything that was read. Queries see what is committed, not what the transaction has written; what they return counts as read.</para>
/// <para>The body may run several times: effects outside of the data belong into <see cref="AfterCommit"/>.</para>
/// </remarks>
public sealed class DataTransaction : IData
{
    private readonly Lock _gate = new();
    private readonly DataService _service;
    private readonly HotKeys _hot;
    private readonly TransactionBuffer _buffer;
    private readonly List<Func<Task>> _afterwards = [];
    private readonly List<TransactionPart> _parts = [];
    private readonly List<WatchedWrite> _pending = [];
    private readonly bool _mayLineUp;
    private IDisposable? _turn;
    private bool _lining;
    private bool _goesWithout;
    private bool _ended;

    internal DataTransaction(DataService service, DataScope scope, HotKeys hot, TimeProvider time, int attempt, bool mayLineUp)
    {
        (_service, Scope, _hot, Attempt, _mayLineUp) = (service, scope, hot, attempt, mayLineUp);
        _buffer = new TransactionBuffer(time);
    }

    /// <summary>The one around the code that asks; null outside any.</summary>
    public static DataTransaction? Current => DataScope.Current?.Transaction;

    /// <summary>Which try this is, counted from 1.</summary>
    public int Attempt { get; }

    /// <summary>Whether nothing of it will take place.</summary>
    public bool IsRolledBack { get; private set; }

    public Namespace Namespace => Scope.Namespace;

    public DataStatistics Statistics => _service.Statistics;

    internal DataScope Scope { get; }

    internal IReadOnlyList<TransactionPart> Parts => _parts;

    internal IReadOnlyList<Func<Task>> Afterwards => _afterwards;

    /// <summary>Nothing of the transaction takes place, and nothing is thrown: the body goes on to its end, and what it returns is returned.</summary>
    public void Rollback() => IsRolledBack = true;

    /// <summary>Something to do once the transaction has taken place, outside of it. All of them run, in this order, whether or not one fails.
    /// They are lost if the process ends before: a job submitted in the transaction is not.</summary>
    public void AfterCommit(Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (_gate)
        {
            ThrowIfEnded();
            _afterwards.Add(action);
        }
    }

    /// <summary>The one part of this sort; made where there is none yet.</summary>
    public TPart Part<TPart>(Func<TPart> make)
        where TPart : TransactionPart
    {
        ArgumentNullException.ThrowIfNull(make);
        lock (_gate)
        {
            ThrowIfEnded();
            var part = _parts.OfType<TPart>().FirstOrDefault();
            if (part is null) _parts.Add(part = make());
            return part;
        }
    }

    /// <summary>What the node gave to its transactions (<see cref="DataService.AddFeature"/>); null where it did not.</summary>
    public TFeature? Feature<TFeature>()
        where TFeature : class => _service.Feature<TFeature>();

    public ValueTask<Entity?> GetAsync(Key key, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        Check(key);
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<Entity?>(ct);
        lock (_gate)
        {
            ThrowIfEnded();
            if (_buffer.TryGet(key, out var own)) return new(own);
        }
        return ReadAsync(key, file, line, member, ct);
    }

    public ValueTask<IReadOnlyList<Entity?>> GetManyAsync(
        IReadOnlyList<Key> keys, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys) Check(key);
        lock (_gate) ThrowIfEnded();
        return ReadManyAsync(keys, file, line, member, ct);
    }

    public ValueTask<Entity?> WriteAsync(EntityWrite write, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        Check(write);
        return ct.IsCancellationRequested ? ValueTask.FromCanceled<Entity?>(ct) : TakeAsync(write, file, line, member, ct);
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(
        IReadOnlyList<EntityWrite> writes, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(writes);
        foreach (var write in writes) Check(write);      // all of them before any is taken
        if (ct.IsCancellationRequested) return ValueTask.FromCanceled<IReadOnlyList<WriteOutcome>>(ct);
        var all = new ValueTask<Entity?>[writes.Count];
        for (var i = 0; i < all.Length; i++) all[i] = TakeAsync(writes[i], file, line, member, ct);
        return OutcomesAsync(all);
    }

    /// <summary>Numbers set aside stay so, also when the transaction does not take place.</summary>
    public ValueTask<long> AllocateAsync(string kind, int count = 1, CancellationToken ct = default) => _service.AllocateAsync(kind, count, ct);

    public ValueTask<EntityPage> QueryPageAsync(EntityQuery query, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        Check(query);
        return SeenAsync(_service.ReadPageAsync(query, file, line, member, ct));
    }

    public ValueTask<long> CountAsync(EntityQuery query, long most = long.MaxValue, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        Check(query);
        return _service.CountStoredAsync(query, most, file, line, member, ct);
    }

    /// <exception cref="InvalidOperationException">Always: what the transaction writes is committed at its end.</exception>
    public ValueTask<CommitOutcome> CommitAsync(EntityCommit commit, CancellationToken ct = default) =>
        throw new InvalidOperationException("Inside a transaction writes are committed at its end. Write them one by one, or use RequireNew for a commit that stands for itself.");

    public ValueTask<IReadOnlyList<KindSize>> KindsAsync(CancellationToken ct = default) => _service.KindsAsync(ct);

    public DataScope BeginScope(ScopeSettings? settings = null) => _service.BeginScope(settings);

    public Task<T> TransactAsync<T>(
        Func<DataTransaction, Task<T>> body, TransactionOptions? options = null, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        lock (_gate) ThrowIfEnded();
        return _service.TransactAsync(this, body, options, file, line, member, ct);
    }

    /// <summary>The body has ended well: waits for what it started, and takes nothing more.</summary>
    internal async Task<TransactionBuffer> EndAsync()
    {
        for (var i = 0; ; i++)
        {
            WatchedWrite next;
            lock (_gate)
            {
                if (i == _pending.Count)
                {
                    _ended = true;
                    return _buffer;
                }
                next = _pending[i];
            }
            await ((Task)next.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (!next.IsObserved) await next.Task;
        }
    }

    /// <summary>Takes nothing more, whoever still holds it.</summary>
    internal void Close()
    {
        lock (_gate) _ended = true;
    }

    /// <summary>Lets the next one of the line go on; once the commit is over.</summary>
    internal void LeaveLine()
    {
        IDisposable? turn;
        lock (_gate) (turn, _turn) = (_turn, null);
        turn?.Dispose();
    }

    /// <summary>Whether a transaction inside this one, of the same flow, could wait for itself in a line.</summary>
    internal bool BlocksLines
    {
        get
        {
            lock (_gate) return _lining || !_mayLineUp;
        }
    }

    /// <summary>A key that it read before there was a line, and that it must not write now: it would only take the turn of the one who stands in front.</summary>
    internal Key? Overtaken(TransactionBuffer buffer)
    {
        lock (_gate)
        {
            if (_turn is not null || _goesWithout || !_mayLineUp) return null;
            foreach (var key in buffer.WrittenKeys)
                if (buffer.HasSeen(key) && _hot.IsHeld(key)) return key;
            return null;
        }
    }

    private ValueTask<Entity?> Watch(Task<Entity?> writing)
    {
        var watched = new WatchedWrite(writing);
        _pending.Add(watched);
        return watched.ToValueTask();
    }

    private ValueTask<Entity?> TakeAsync(EntityWrite write, string file, int line, string member, CancellationToken ct)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (_buffer.NeedsRead(write)) return Watch(ReadAndTakeAsync(write, file, line, member).WaitAsync(ct));
            try
            {
                return new(_buffer.Write(write));
            }
            catch (Exception refused) when (refused is VersionConflictException or EntityStateException)
            {
                return Watch(Task.FromException<Entity?>(refused));      // by what it has read or written itself: a fault for the await
            }
        }
    }

    private static async ValueTask<IReadOnlyList<WriteOutcome>> OutcomesAsync(ValueTask<Entity?>[] all)
    {
        var outcomes = new WriteOutcome[all.Length];
        for (var i = 0; i < all.Length; i++) outcomes[i] = await all[i] is { } entity ? new(WriteStatus.Written, entity.Version, entity.UpdatedAt) : new(WriteStatus.Written, 0, default);
        return outcomes;
    }

    private async ValueTask<EntityPage> SeenAsync(ValueTask<EntityPage> reading)
    {
        var page = await reading;
        lock (_gate)
        {
            foreach (var entity in page.Items)
                if (!_buffer.TryGet(entity.Key, out _)) _buffer.Saw(entity.Key, entity.Version);
        }
        return page;
    }

    private async Task<Entity?> ReadAndTakeAsync(EntityWrite write, string file, int line, string member)
    {
        await ReadAsync(write.Key, file, line, member, CancellationToken.None);
        lock (_gate)
        {
            ThrowIfEnded();
            return _buffer.Write(write);
        }
    }

    private async ValueTask<Entity?> ReadAsync(Key key, string file, int line, string member, CancellationToken ct)
    {
        if (_hot.IsHot(key)) await LineUpAsync(key, ct);
        var entity = await Scope.GetAsync(key, ct, file, line, member);
        lock (_gate)
        {
            // Written meanwhile by the transaction itself: that is what stands there.
            if (_buffer.TryGet(key, out var own)) return own;
            if (!_service.IsLookup(key)) _buffer.Saw(key, entity?.Version ?? 0);
        }
        return entity;
    }

    private async ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(IReadOnlyList<Key> keys, string file, int line, string member, CancellationToken ct)
    {
        foreach (var key in keys)
        {
            if (!_hot.IsHot(key)) continue;
            await LineUpAsync(key, ct);
            break;
        }
        var entities = keys.Count == 0 ? [] : await _service.ReadManyAsync(Scope, keys, file, line, member, ct);
        var seen = new Entity?[keys.Count];
        lock (_gate)
        {
            for (var i = 0; i < seen.Length; i++)
            {
                if (_buffer.TryGet(keys[i], out seen[i])) continue;
                seen[i] = entities[i];
                if (!_service.IsLookup(keys[i])) _buffer.Saw(keys[i], seen[i]?.Version ?? 0);
            }
        }
        return seen;
    }

    /// <summary>One line a transaction: who stands in two can meet another who stands in them the other way round.</summary>
    private async ValueTask LineUpAsync(Key key, CancellationToken ct)
    {
        lock (_gate)
        {
            // What it has read already is as old as it is: waiting would not make it younger.
            if (_lining || !_mayLineUp || _buffer.HasSeen(key)) return;
            _lining = true;
        }
        var turn = await _hot.EnterAsync(key, ct);
        var late = false;
        lock (_gate)
        {
            _goesWithout = turn is null;
            if (_ended) late = true;
            else _turn = turn;
        }
        if (late) turn?.Dispose();
    }

    private void Check(Key key)
    {
        DataArguments.Check(key);
        if (key.Namespace != Namespace) throw new ArgumentException(OneNamespace($"{key}", key.Namespace), nameof(key));
    }

    private void Check(EntityQuery query)
    {
        _service.Check(query);
        if (query.Namespace != Namespace) throw new ArgumentException(OneNamespace($"a query of '{query.Kind}'", query.Namespace), nameof(query));
        lock (_gate) ThrowIfEnded();
    }

    private void Check(EntityWrite write)
    {
        DataArguments.Check(write);
        Check(write.Key);
        if (_service.IsLookup(write.Key)) throw new ReadOnlyKindException(write.Key.Kind, "written");
    }

    private string OneNamespace(string what, Namespace ns) => $"A transaction is of one namespace: this one of '{Namespace}', and {what} of '{ns}'. Say TransactionOptions.Namespace.";

    private void ThrowIfEnded()
    {
        if (_ended) throw new InvalidOperationException("The transaction has ended. Await inside its body whatever belongs to it.");
    }
}
