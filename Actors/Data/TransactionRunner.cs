using System.Runtime.ExceptionServices;
using ActorPerf.Cluster;
using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>Carries transactions out: runs the body in a scope of its own, commits what it wrote, and begins anew where others were in the way.</summary>
internal sealed class TransactionRunner(DataService service, IEntityStore store, ScopeParts parts, HotKeys hot, Random random)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    public Task<T> RunAsync<T>(DataTransaction? around, Func<DataTransaction, Task<T>> body, TransactionOptions options, string file, int line, string member, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxAttempts, 1, nameof(TransactionOptions.MaxAttempts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxAttempts, 100, nameof(TransactionOptions.MaxAttempts));
        switch (options.Nesting)
        {
            case TransactionNesting.Mandatory when around is null:
                throw new InvalidOperationException("This transaction has to be part of another one (TransactionNesting.Mandatory), and there is none around it.");
            case TransactionNesting.Never when around is not null:
                throw new InvalidOperationException("This transaction must not be inside another one (TransactionNesting.Never). Use Join or RequireNew.");
            case TransactionNesting.Join or TransactionNesting.Mandatory when around is not null:
                if (options.Namespace is { } ns && ns != around.Namespace)
                    throw new InvalidOperationException($"A transaction of '{ns}' cannot be part of one of '{around.Namespace}'. Use RequireNew.");
                return body(around);
            default:
                var run = new Run<T>(body, options, MayLineUp: around?.BlocksLines != true);
                return Spans.IsTraced ? RunTracedAsync(run, file, line, member, ct) : RunAsync(run, ct);
        }
    }

    private async Task<T> RunTracedAsync<T>(Run<T> run, string file, int line, string member, CancellationToken ct)
    {
        var span = Spans.Enter(CallKind.Transaction, null, file, line, member);
        Exception? failure = null;
        try
        {
            return await RunAsync(run, ct);
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    private async Task<T> RunAsync<T>(Run<T> run, CancellationToken ct)
    {
        var outside = DataScope.Current;
        for (var attempt = 1; ; attempt++)
        {
            if (outside is not null) await outside.SettleAsync(ct);
            var (transaction, value, fault) = Spans.IsTraced ? await TryTracedAsync(run, attempt, ct) : await TryAsync(run, attempt, ct);
            if (fault is null) return await AfterwardsAsync(transaction, value);
            if (attempt == run.Options.MaxAttempts || !IsWorthAnother(fault)) ExceptionDispatchInfo.Throw(Final(fault, attempt));
            await Task.Delay(Pause(attempt), parts.Time, ct);
        }
    }

    private async Task<(DataTransaction Transaction, T Value, Exception? Fault)> TryTracedAsync<T>(Run<T> run, int attempt, CancellationToken ct)
    {
        var span = Spans.Enter(CallKind.Try);
        span?.SetTag(SpanTags.Tries, attempt);
        Exception? failure = null;
        try
        {
            var outcome = await TryAsync(run, attempt, ct);
            failure = outcome.Fault;
            return outcome;
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    /// <summary>One try, in a scope that remembers nothing from outside.</summary>
    private async Task<(DataTransaction Transaction, T Value, Exception? Fault)> TryAsync<T>(Run<T> run, int attempt, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var outside = DataScope.Current;
        var scope = new DataScope(parts, outside, new ScopeSettings { IsTransaction = true, Namespace = run.Options.Namespace });
        var transaction = scope.Transaction = new DataTransaction(service, scope, hot, parts.Time, attempt, run.MayLineUp);
        // Cancelled: whatever the body still does, nothing of it is written.
        using var closing = ct.UnsafeRegister(static (transaction, _) => ((DataTransaction)transaction!).Close(), transaction);
        scope.Enter();
        try
        {
            var value = default(T)!;
            TransactionBuffer buffer;
            try
            {
                value = await run.Body(transaction);
                buffer = await transaction.EndAsync();
            }
            catch (StoreUnavailableException away) when (IsWorthAnother(away))
            {
                return (transaction, value, away);
            }
            catch (InvalidOperationException ended) when (ct.IsCancellationRequested)
            {
                throw new OperationCanceledException("The transaction was cancelled; nothing of it takes place.", ended, ct);
            }
            finally
            {
                transaction.Close();
                await scope.DisposeAsync();
            }
            ct.ThrowIfCancellationRequested();
            if (transaction.IsRolledBack) return (transaction, value, null);
            if (scope.RefusalOf("Committing a transaction") is { } late) throw late;
            return (transaction, value, await CommitAsync(transaction, buffer, run.Options, outside, ct));
        }
        finally
        {
            transaction.LeaveLine();
        }
    }

    /// <summary>Null when it has taken place.</summary>
    private async Task<Exception?> CommitAsync(DataTransaction transaction, TransactionBuffer buffer, TransactionOptions options, DataScope? outside, CancellationToken ct)
    {
        if (!buffer.HasWrites && transaction.Parts.Count == 0 && !(options.ValidateReads && buffer.Reads.Any())) return null;
        if (transaction.Overtaken(buffer) is { } overtaken) return new VersionConflictException([overtaken]);
        foreach (var part in transaction.Parts) await part.PrepareAsync(ct);
        var epochs = buffer.WrittenKeys.ToDictionary(key => key, parts.Fence.Of);
        CommitOutcome outcome;
        try
        {
            outcome = await SettledCommitAsync(transaction, buffer, options);
        }
        catch (StoreUnavailableException away) when (IsWorthAnother(away))
        {
            return away;
        }
        if (outcome.Committed)
        {
            // Where the outcome had to be found out, nothing is known of versions.
            if (outcome.Outcomes.Count > 0) outside?.Learn([.. Read(transaction), .. buffer.Written(outcome.Outcomes).Select(written => new LearnedEntity(written.Key, written.Entity, epochs[written.Key] + Fence.RaisesOfAWrite))]);
            return null;
        }
        foreach (var key in outcome.Conflicts)
            if (buffer.LastingConflict(key) is { } lasting) throw lasting;
        hot.Conflicted(outcome.Conflicts);
        return new VersionConflictException(outcome.Conflicts);
    }

    /// <summary>What it knows by reading. A lookup's row has a digest for its version, which does not tell the newer one: the scope around reads for itself.</summary>
    private IEnumerable<LearnedEntity> Read(DataTransaction transaction) => transaction.Scope.Known().Where(known => !service.IsLookup(known.Key));

    /// <summary>Commits. Where the store cannot say whether it did, asks for the marker; and where that is missing sends the very same commit once more:
    /// should the first one have come through late, the second one meets its versions, and the marker is there.</summary>
    private async Task<CommitOutcome> SettledCommitAsync(DataTransaction transaction, TransactionBuffer buffer, TransactionOptions options)
    {
        var marker = Guid.CreateVersion7(parts.Time.GetUtcNow());
        var ns = transaction.Namespace;
        var took = new CommitOutcome([], []);
        var wasUnknown = false;
        for (var tries = 1; ; tries++)
        {
            try
            {
                var outcome = await CommitOnceAsync(transaction, buffer.ToCommit(marker, options.ValidateReads, [.. transaction.Parts.Select(part => part.ToWrite())]));
                return !outcome.Committed && wasUnknown && await FindAsync(transaction, marker) ? took : outcome;
            }
            catch (CommitUnknownException unknown)
            {
                wasUnknown = true;
                if (await FindAsync(transaction, marker)) return took;
                if (tries == options.MaxAttempts) throw new CommitUnknownException($"Whether a transaction in '{ns}' took place could not be found out in {tries} tries. Read what it was to write before trying again.", unknown);
            }
            await Task.Delay(Pause(tries), parts.Time);
        }
    }

    private async Task<CommitOutcome> CommitOnceAsync(DataTransaction transaction, EntityCommit commit)
    {
        var span = Spans.Begin(CallKind.Commit);
        span?.SetTag(SpanTags.Keys, commit.Writes.Count);
        string? error = "failed";
        // Not the caller's token: from here on it takes place or not, and the caller learns which.
        using var late = new CancellationTokenSource(parts.Options.StatementTimeout, parts.Time);
        try
        {
            var outcome = await service.CommitAsync(transaction.Namespace, commit, late.Token);
            error = outcome.Committed ? null : "conflict";
            return outcome;
        }
        catch (Exception over) when (over is OperationCanceledException or TimeoutException)
        {
            throw new CommitUnknownException($"The commit took longer than {parts.Options.StatementTimeout.TotalSeconds:0.###} s (actorperf.data.statement-timeout).", over);
        }
        catch (AttachedWriteRefusedException refused) when (transaction.Parts.Count > 0)
        {
            throw transaction.Parts.Select(part => part.Refused(refused)).FirstOrDefault(fault => fault != refused) ?? refused;
        }
        finally
        {
            Spans.End(span, error);
        }
    }

    private async Task<bool> FindAsync(DataTransaction transaction, Guid marker)
    {
        for (var tries = 1; ; tries++)
        {
            using var late = new CancellationTokenSource(parts.Options.StatementTimeout, parts.Time);
            try
            {
                return await store.FindCommitAsync(transaction.Namespace, marker, late.Token);
            }
            catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException or TimeoutException)
            {
                if (tries == TransactionOptions.Default.MaxAttempts)
                    throw new CommitUnknownException($"Whether a transaction in '{transaction.Namespace}' took place is not known: the store does not answer. Read what it was to write before trying again.", away);
            }
            await Task.Delay(Pause(tries), parts.Time);
        }
    }

    private static async Task<T> AfterwardsAsync<T>(DataTransaction transaction, T value)
    {
        if (transaction.IsRolledBack) return value;
        List<Exception>? failures = null;
        foreach (var action in transaction.Afterwards)
        {
            try
            {
                await action();
            }
            catch (Exception failure)
            {
                (failures ??= []).Add(failure);
            }
        }
        return failures is null ? value : throw new AfterCommitException(failures);
    }

    private static bool IsWorthAnother(Exception fault) =>
        fault is VersionConflictException || (fault is StoreUnavailableException && StoreFaults.SortOf(fault) == FaultSort.Transient);

    private static Exception Final(Exception fault, int attempts) => fault is VersionConflictException conflict
        ? new VersionConflictException(conflict.Keys, $"The transaction met changes by others in all of its {attempts} tries, in the last one at {string.Join(", ", conflict.Keys.Take(10))}. Try again later, write less in one transaction, or raise TransactionOptions.MaxAttempts.")
        : fault;

    /// <summary>Anything up to twice as long as before: those who collided should not meet again.</summary>
    private TimeSpan Pause(int attempt)
    {
        var most = FirstPause * Math.Pow(2, attempt - 1);
        lock (random) return (most < LongestPause ? most : LongestPause) * random.NextDouble();
    }

    private sealed record Run<T>(Func<DataTransaction, Task<T>> Body, TransactionOptions Options, bool MayLineUp);
}
