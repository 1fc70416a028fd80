using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A line of job writes before one connection: what arrives while a transaction is under way goes together into the next one.</summary>
/// <remarks>
/// Invariant: a write is reported exactly once, as durable after the commit that carried it, or as failed when nothing of it changed. Urgent writes (ends of runs, leases) go before the others. No timers: an
/// idle lane takes a lone write at once. A transaction carries at most 1,000 writes or 1 MiB. One that another transaction got in the way of begins again; one that fails otherwise is
/// tried write by write, so that only the culprit fails.
/// <para>While the server is away new work is refused at once, and ends of runs are kept until it is back: their fences decide whether they still count. A commit whose answer was lost is asked for by its
/// number before anybody is told.</para>
/// It owns its thread, which waits for the server.
/// </remarks>
internal sealed class JobLane : IDisposable
{
    /// <summary>Of a transaction that others get in the way of.</summary>
    public const int Tries = 20;

    public const int MaxItems = 1_000;
    public const int MaxBytes = 1024 * 1024;
    public const int MaxWaiting = 100_000;
    public const long MaxWaitingBytes = 256L * 1024 * 1024;

    private readonly LaneConnection _connection;
    private readonly LaneMemory _memory;
    private readonly Action<IReadOnlyList<JobWrite>> _report;
    private readonly Lock _gate = new();
    private readonly Queue<JobWrite> _urgent = new();
    private readonly Queue<JobWrite> _normal = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly List<JobWrite> _batch = [];
    private readonly List<JobWrite> _kept = [];        // ends of runs that wait for the server
    private readonly Queue<JobWrite> _again = new();   // claims that turned out to need a transaction of their own
    private readonly Thread _thread;
    private long _waitingBytes;
    private bool _sleeping;
    private bool _stopping;

    public JobLane(string name, LaneConnection connection, LaneMemory memory, Action<IReadOnlyList<JobWrite>> report)
    {
        (_connection, _memory, _report) = (connection, memory, report);
        _thread = new Thread(Work) { IsBackground = true, Name = name };
        // A lane may be made by whoever first needs it; what that one carries along (its trace, its scopes of the log) is not the lane's.
        _thread.UnsafeStart();
    }

    public WriteMeter Meter { get; } = new(TimeProvider.System);

    /// <summary>Writes that no transaction has taken yet.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _urgent.Count + _normal.Count;
        }
    }

    /// <summary>False when the line is full or stopping.</summary>
    public bool TryPost(JobWrite write)
    {
        bool wake;
        lock (_gate)
        {
            if (_stopping) return false;
            // Urgent writes end work that was begun; refusing them would leave it hanging, and their number is bounded by the routees.
            if (!write.Urgent && (_normal.Count >= MaxWaiting || _waitingBytes >= MaxWaitingBytes)) return false;
            (write.Urgent ? _urgent : _normal).Enqueue(write);
            _waitingBytes += write.Bytes;
            wake = _sleeping;
            _sleeping = false;
        }
        if (wake) _arrived.Set();
        return true;
    }

    /// <summary>Commits what waits, as far as the server is there, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
        }
        _arrived.Set();
        if (_thread != Thread.CurrentThread) _thread.Join();
        _connection.Dispose();
        _arrived.Dispose();
    }

    private bool Stopping => Volatile.Read(ref _stopping);

    private void Work()
    {
        while (Gather())
        {
            if (_kept.Count > 0)
            {
                _batch.InsertRange(0, _kept);
                _kept.Clear();
            }
            foreach (var part in Parts(_batch))
            {
                Write(part);
                while (_again.TryDequeue(out var claim)) Write([claim]);
            }
            _batch.Clear();
        }
        foreach (var write in _kept) Fail(write, new StoreUnavailableException("The database server did not answer until the node stopped."));
    }

    /// <summary>False at the end.</summary>
    private bool Gather()
    {
        while (true)
        {
            lock (_gate)
            {
                var bytes = 0;
                Take(_urgent, ref bytes);
                Take(_normal, ref bytes);
                _waitingBytes -= bytes;
                if (_batch.Count > 0) return true;
                if (_stopping) return false;
                _sleeping = true;
            }
            // What is kept is tried again when the server may be there.
            if (_kept.Count == 0) _arrived.WaitOne();
            else if (!_arrived.WaitOne(_connection.Pause)) return true;
        }
    }

    private void Take(Queue<JobWrite> lane, ref int bytes)
    {
        while (_batch.Count < MaxItems && (bytes < MaxBytes || _batch.Count == 0) && lane.TryDequeue(out var write))
        {
            _batch.Add(write);
            bytes += write.Bytes;
        }
    }

    /// <summary>What goes into one transaction: neighbours together, and alone what decides about limits, is all or none, or looks over the whole table.</summary>
    private IEnumerable<IReadOnlyList<JobWrite>> Parts(List<JobWrite> batch)
    {
        var part = new List<JobWrite>();
        foreach (var write in batch)
        {
            if (!IsAlone(write))
            {
                part.Add(write);
                continue;
            }
            if (part.Count > 0) yield return part;
            part = [];
            yield return [write];
        }
        if (part.Count > 0) yield return part;
    }

    private bool IsAlone(JobWrite write) => write switch
    {
        JobWrite.Change or JobWrite.Save or JobWrite.Note => false,
        JobWrite.Submit submit => submit.Joined is not null || JobUnit.IsAllOrNone(submit),
        JobWrite.Claim claim => JobWants.IsExclusive(claim, _memory),
        _ => true,
    };

    private void Write(IReadOnlyList<JobWrite> writes)
    {
        var tries = JoinedTo(writes[0])?.Tries ?? Tries;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Commit(writes);
                return;
            }
            catch (CommitLostException lost)
            {
                if (Settle(writes, lost)) return;
            }
            catch (Exception exception) when (attempt < tries && MayPass(exception, attempt))
            {
                _connection.Rollback();
            }
#pragma warning disable CA1031 // Whatever it was, the transaction is rolled back and somebody is answered.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _connection.Rollback();
                Failed(writes, exception);
                return;
            }
        }
    }

    /// <summary>Runs the transaction and reports it.</summary>
    private void Commit(IReadOnlyList<JobWrite> writes)
    {
        var began = Meter.Begin();
        var connection = _connection.Open(_memory);
        var unit = new JobUnit(connection, _memory);
        if (JoinedTo(writes[0]) is { } joined)
        {
            Commit(unit, connection, (JobWrite.Submit)writes[0], joined, began);
            return;
        }
        unit.Execute(writes);
        if (writes[0] is JobWrite.Submit) CrashPoints.Reach(CrashPoints.SubmitBeforeCommit);
        if (unit.HasResults) CrashPoints.Reach(CrashPoints.FinishBeforeCommit);
        if (unit.HasCheckpoints) CrashPoints.Reach(CrashPoints.CheckpointBeforeCommit);
        if (!unit.IsRefused)
        {
            // A delete leaves no line in the feed, and run again it would find no job.
            var proof = unit.Proof ?? (writes[0] is JobWrite.Delete { Deleted: not null } ? CommitProof.Marker.Write(connection) : null);
            _connection.Commit(unit.Tx, proof, () => Committed(unit, writes, began));
            return;
        }
        _connection.Rollback();
        _report(writes);
    }

    private void Commit(JobUnit unit, NpgsqlConnection connection, JobWrite.Submit submit, JoinedCommit joined, long began)
    {
        if (joined.Begin(_connection, connection))
        {
            IReadOnlyList<JobWrite> writes = submit.Jobs.Count > 0 ? [submit] : [];
            unit.Execute(writes, begun: true);
            joined.Write(connection);
            CrashPoints.Reach(CrashPoints.SubmitBeforeCommit);
            _connection.Commit(unit.Tx, unit.Proof ?? CommitProof.Marker.Write(connection), () =>
            {
                Committed(unit, writes, began);
                joined.Settle();
            });
            return;
        }
        _connection.Rollback();
        joined.Settle();
    }

    private static JoinedCommit? JoinedTo(JobWrite write) => (write as JobWrite.Submit)?.Joined as JoinedCommit;

    private void Committed(JobUnit unit, IReadOnlyList<JobWrite> writes, long began)
    {
        Meter.Committed(writes.Count - unit.Limited.Count, began);
        unit.Committed();
        if (writes.Count == 0) return;
        _report(unit.Limited.Count == 0 ? writes : [.. writes.Except(unit.Limited)]);
        foreach (var claim in unit.Limited) _again.Enqueue(claim);
    }

    /// <summary>Another transaction was in the way, or had a later number; or the connection had been closed, which a new one mends.</summary>
    private static bool MayPass(Exception exception, int attempt) => exception is StaleTransactionException or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable }
        || PostgresFaults.IsCollision(exception) || (attempt == 1 && PostgresFaults.IsOfTheConnection(exception) && !PostgresFaults.IsRefusal(exception));

    private void Failed(IReadOnlyList<JobWrite> writes, Exception exception)
    {
        if (PostgresFaults.Translate(exception) is StoreUnavailableException away)
        {
            foreach (var write in writes)
            {
                if (write.Urgent && !Stopping) _kept.Add(write);
                else Fail(write, away);
            }
            return;
        }
        if (writes.Count > 1) foreach (var write in writes) Write([write]);
        else Fail(writes[0], exception);
    }

    /// <summary>Asks what became of a transaction whose connection broke while it was to commit. True when it is known and everybody was told; false when it is to be run again.</summary>
    private bool Settle(IReadOnlyList<JobWrite> writes, CommitLostException lost)
    {
        while (true)
        {
            try
            {
                switch (_connection.TookPlace(lost.Tx, lost.Proof))
                {
                    case true:
                        lost.Committed();
                        return true;
                    case false: return false;
                    default: break;
                }
            }
            catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception) || PostgresFaults.Translate(exception) is StoreUnavailableException)
            {
                // The server is still away; nobody can be told anything yet.
            }
            if (Stopping)
            {
                const string unknown = "The connection broke while the database server was to commit, and the node stopped before it could ask what became of it.";
                foreach (var write in writes) Fail(write, JoinedTo(write) is null ? new StoreUnavailableException(unknown, lost) : new CommitUnknownException(unknown, lost));
                return true;
            }
            _arrived.WaitOne(TimeSpan.FromMilliseconds(100));
            ShedArrived(lost);
        }
    }

    private void ShedArrived(Exception cause)
    {
        List<JobWrite> shed = [];
        lock (_gate)
        {
            while (_normal.TryDequeue(out var write))
            {
                _waitingBytes -= write.Bytes;
                shed.Add(write);
            }
        }
        foreach (var write in shed) Fail(write, new StoreUnavailableException("The database server does not answer. Nothing changed; try again.", cause));
    }

    private void Fail(JobWrite write, Exception cause)
    {
        if (JoinedTo(write) is { } joined)
        {
            joined.Fail(cause);
            return;
        }
        write.Failure = cause as StoreUnavailableException ?? new StoreUnavailableException("The store could not write. Nothing changed; try again.", cause);
        _report([write]);
    }
}
