using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>One transaction of job writes: what they touch is read and locked at once, the rules decide here, and all that changed is written at once.</summary>
/// <remarks>
/// Three waits for the server whatever the number of writes: lock and read, write, commit. What a write turns out to need besides (the jobs behind an end, a second look at a line) is read when it does.
/// <para>Invariants: a row is decided on under its lock, as the newest transaction left it; an UPDATE repeats what the rule saw and changes exactly the rows it names; a row and its history row
/// go together. Locks are taken in one order (queues, rows by number, keys, counters) wherever they are known beforehand; where two transactions meet all the same the server ends one of them, which begins again.</para>
/// <para>A job's history is in order of (tx, seq): a transaction that finds a row written by one with a later number begins again under a later number of its own.</para>
/// </remarks>
internal sealed partial class JobUnit
{
    private readonly NpgsqlConnection _connection;
    private readonly LaneMemory _memory;
    private readonly JobChanges _changes;
    private readonly EdgeBook _edges;
    private readonly JobGraph _graph;
    private readonly Queue<long> _jobNumbers = new();
    private readonly Queue<long> _historyNumbers = new();
    private readonly List<Action<RoundTrip>> _afterwards = [];
    private DateTimeOffset _now;
    private JobWrite? _write;        // the one being applied

    public JobUnit(NpgsqlConnection connection, LaneMemory memory)
    {
        (_connection, _memory) = (connection, memory);
        _changes = new JobChanges();
        _edges = new EdgeBook(this);
        _graph = new JobGraph(_edges);
    }

    /// <summary>The transaction's number.</summary>
    public long Tx { get; private set; }

    /// <summary>What shows afterwards that it took place; null where it leaves nothing that would matter: then it may be run again.</summary>
    public CommitProof? Proof => _changes.History.Count > 0 && _changes.History[0] is var line ? new CommitProof.Line(line.Seq, Tx, _memory.Origin, line.At) : null;

    /// <summary>Nothing of it is to be committed: the only write was refused.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Claims that a limit may concern; they were passed over. Each is to be run in a transaction of its own.</summary>
    public List<JobWrite> Limited { get; } = [];

    /// <summary>It ends runs with results.</summary>
    public bool HasResults => _changes.HasResults;

    /// <summary>It keeps checkpoints of runs that go on.</summary>
    public bool HasCheckpoints { get; private set; }

    internal JobChanges Changes => _changes;

    /// <summary>Begins the transaction, applies the writes in their order and sends what came of them. What is left is to commit, or not if it <see cref="IsRefused"/>.</summary>
    /// <param name="begun">The transaction has begun with something else.</param>
    /// <exception cref="StaleTransactionException">To be begun again.</exception>
    public void Execute(IReadOnlyList<JobWrite> writes, bool begun = false)
    {
        Open(new JobWants(writes, _memory), begun);
        foreach (var write in writes) Apply(write);
        if (IsRefused) return;
        FillTerms();
        var trip = new RoundTrip(_connection);
        _changes.Write(trip, _entries.Values, Tx, _now, _memory);
        foreach (var afterwards in _afterwards) afterwards(trip);
        trip.Go();
    }

    /// <summary>The transaction is durable: says who may go on because of it.</summary>
    public void Committed()
    {
        _changes.Keys.TellWakes(_memory.Signals);
        _graph.Committed();
        _memory.Committed(_changes.Deliveries.Count > 0);
    }

    private void Apply(JobWrite write)
    {
        _write = write;
        write.Followed.Clear();
        write.Wakes = null;
        switch (write)
        {
            case JobWrite.Submit submit: Submit(submit); break;
            case JobWrite.Claim claim: Claim(claim); break;
            case JobWrite.Change change: Change(change); break;
            case JobWrite.Save save: Save(save); break;
            case JobWrite.Note note: Note(note); break;
            case JobWrite.Delete delete: Delete(delete); break;
            case JobWrite.Reap reap: Reap(reap); break;
            case JobWrite.Sweep sweep: Sweep(sweep); break;
            case JobWrite.Prune prune: Prune(prune); break;
            case JobWrite.StopWorkflow stop: Stop(stop); break;
            case JobWrite.SetQueue set: SetQueue(set); break;
            default: throw new ArgumentOutOfRangeException(nameof(write), write, "an unknown kind of write");
        }
        if (_graph.HasNews) _graph.Follow(write.Followed);
    }
}

/// <summary>A transaction met rows that one with a later number wrote, or one that it did not see when it read them.</summary>
internal sealed class StaleTransactionException() : Exception("A row was written by a transaction that this one does not come after.");
