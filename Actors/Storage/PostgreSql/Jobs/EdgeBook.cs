using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Storage.Sql;
using ActorPerf.Tasks;
using Npgsql;
using static ActorPerf.Storage.PostgreSql.PostgresValues;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Edges inside a transaction: those of the jobs it met, as they are stored and as they are by now; and workflows.</summary>
/// <remarks>All edges of a waiting job are read at once, so from then on what stands here is the truth about that job. Who waits for a job is read once its row is locked: an edge to it is only
/// added under the same lock.
/// <para>A fall that goes on is read ahead of: who waits for those who wait is found without locks, locked in order, and read again under them. Were every job asked about by itself,
/// a chain of 10,000 would take 40,000 round trips.</para></remarks>
internal sealed class EdgeBook(JobUnit unit) : IGraphRows
{
    private const string S = PostgresDialect.Schema;
    private const int FirstAhead = 16;
    private const int MaxAhead = 1_000;
    private const string Columns = "e.namespace, e.parent_seq, e.parent, e.child_seq, e.kind, e.\"on\", e.position, e.name, e.done";

    private readonly Dictionary<long, List<GraphEdge>> _ofChild = [];
    private readonly Dictionary<long, SortedSet<long>> _behind = [];      // who waits, or waited in this transaction, for a parent: as far as it is known
    private readonly HashSet<long> _read = [];                            // parents of which all who wait are known
    private readonly HashSet<long> _asked = [];                           // parents of which it is known whether anybody waits
    private readonly HashSet<long> _awaited = [];
    private int _ahead = FirstAhead;

    /// <summary>With the first read: which of the jobs anybody waits for.</summary>
    public void ReadAwaited(RoundTrip trip, IEnumerable<long> parents)
    {
        _asked.UnionWith(parents);
        trip.Read($"SELECT DISTINCT e.parent_seq FROM {S}.edge e WHERE e.parent_seq = ANY ($1) AND NOT e.done", r => _awaited.Add(r.GetInt64(0)), Numbers(parents));
    }

    /// <summary>A job has ended: the graph hears whether anybody waits for it.</summary>
    public void AskAwaited(long parent, JobGraph graph)
    {
        if (!_asked.Contains(parent) && _ofChild.TryGetValue(parent, out var waitedFor) && waitedFor.Count > 0) ReadAhead(parent);
        if (_asked.Add(parent)) Ask($"SELECT 1 FROM {S}.edge e WHERE e.parent_seq = $1 AND NOT e.done LIMIT 1", _ => _awaited.Add(parent), Number(parent));
        if (_awaited.Contains(parent)) graph.Await(parent);
    }

    /// <summary>A job is stored in this transaction: there is nothing about it to read.</summary>
    public void IsNew(long seq)
    {
        _ofChild[seq] = [];
        _read.Add(seq);
        _asked.Add(seq);
    }

    public Job? Find(long seq) => unit.Find(seq)?.Job;

    public JobRow? Find(Namespace ns, JobId id) => unit.Find(ns, id)?.Row;

    public ReadOnlyMemory<byte>? ResultOf(long seq) => unit.ResultOf(seq);

    public void Add(Namespace ns, GraphEdge edge)
    {
        var edges = OfChild(edge.Child);
        if (edges.Exists(other => other.Parent == edge.Parent)) return;
        edges.Add(edge);
        unit.Changes.NewEdges.Add((ns, edge));
        if (edge.Done) return;
        Behind(edge.Parent).Add(edge.Child);
        _awaited.Add(edge.Parent);
    }

    public IReadOnlyList<GraphEdge> OpenBehind(Namespace ns, long parent)
    {
        if (_read.Add(parent))
        {
            var children = new List<long>();
            Ask($"SELECT e.child_seq FROM {S}.edge e WHERE e.parent_seq = $1 AND NOT e.done", r => children.Add(r.GetInt64(0)), Number(parent));
            Behind(parent).UnionWith(children);
            // First the locks: of two transactions that end its parents, the later one must see what the earlier one closed.
            unit.Load(children);
            ReadEdges(children);
        }
        return [.. Behind(parent).SelectMany(child => _ofChild[child].Where(edge => edge.Parent == parent && !edge.Done))];
    }

    public IReadOnlyList<GraphEdge> EdgesOf(long child) => [.. OfChild(child).OrderBy(edge => edge.Position)];

    public bool HasOpen(long child) => OfChild(child).Exists(edge => !edge.Done);

    public void Close(Namespace ns, GraphEdge edge)
    {
        var edges = OfChild(edge.Child);
        var at = edges.FindIndex(other => other.Parent == edge.Parent);
        if (at < 0 || edges[at].Done) return;
        edges[at] = edge with { Done = true };
        var added = unit.Changes.NewEdges.FindIndex(other => other.Edge.Parent == edge.Parent && other.Edge.Child == edge.Child);
        if (added >= 0) unit.Changes.NewEdges[added] = (ns, edges[at]);
        else unit.Changes.ClosedEdges.Add((ns, edge));
    }

    public void Remove(long child, EdgeKind kind)
    {
        OfChild(child).RemoveAll(edge => edge.Kind == kind);
        unit.Changes.RemovedEdges.Add((child, kind));
    }

    public Job? Apply(Job job, JobCommand command) => unit.Apply(job.Row.Seq, command);

    public void SetArgs(long seq, ReadOnlyMemory<byte> args)
    {
        if (unit.Find(seq) is not { } entry) return;
        (entry.Args, entry.ArgsChanged) = (args, true);
        if (entry.New is not { OpenTerms.Count: > 0 } added) return;
        entry.New = added.With(args);
        unit.Changes.AddTerms(entry.Row, entry.New.Terms);
    }

    public bool StopsOnFailure(Namespace ns, string workflow) => Workflow(ns, workflow) is { OnFailure: OnFailure.Cancel };

    public IReadOnlyList<Job> Unfinished(Namespace ns, string workflow)
    {
        if (Workflow(ns, workflow) is not { } found) return [];
        var seqs = new List<long>();
        Ask(
            $"""
            SELECT job.seq FROM {S}.workflow_job m JOIN {S}.job ON job.seq = m.job_seq
            WHERE m.namespace = $1 AND m.workflow_seq = $2 AND job.state < 10 ORDER BY m.position
            """, r => seqs.Add(r.GetInt64(0)), Text(ns.Name), Number(found.Seq));
        unit.Load(seqs);
        return [.. seqs.Select(seq => unit.Find(seq)).OfType<JobEntry>().Where(entry => !entry.Row.State.IsFinal).Select(entry => entry.Job)];
    }

    /// <summary>Null where there is none.</summary>
    public (long Seq, OnFailure OnFailure)? Workflow(Namespace ns, string id)
    {
        if (!WorkflowId.TryParse(id, out var parsed)) return null;
        (long, OnFailure)? found = null;
        Ask($"SELECT seq, on_failure FROM {S}.workflow WHERE namespace = $1 AND id = $2", r => found = (r.GetInt64(0), (OnFailure)r.GetInt16(1)), Text(ns.Name), Id(parsed.Value));
        return found;
    }

    /// <summary>A job that waited has ended: those that fall with it are locked and read together, more of them each time.</summary>
    private void ReadAhead(long ended)
    {
        var falling = new List<long>();
        Ask(
            $"""
            WITH RECURSIVE behind AS (
              SELECT $1 AS seq
              UNION
              SELECT e.child_seq FROM behind b, LATERAL (SELECT e.child_seq FROM {S}.edge e WHERE e.parent_seq = b.seq AND NOT e.done LIMIT {MaxAhead}) e)
            SELECT seq FROM behind LIMIT $2
            """, r => falling.Add(r.GetInt64(0)), Number(ended), Small(_ahead));
        _ahead = Math.Min(MaxAhead, _ahead * 4);
        unit.Load(falling);
        ReadEdges(falling);
        var unread = falling.Where(parent => !_read.Contains(parent)).ToDictionary(parent => parent, _ => new List<long>());
        Ask($"SELECT e.parent_seq, e.child_seq FROM {S}.edge e WHERE e.parent_seq = ANY ($1) AND NOT e.done", r => unread[r.GetInt64(0)].Add(r.GetInt64(1)), Numbers(unread.Keys));
        foreach (var (parent, children) in unread)
        {
            _asked.Add(parent);
            if (children.Count > 0) _awaited.Add(parent);
            if (!children.TrueForAll(_ofChild.ContainsKey)) continue;       // the end of what was read: asked for in its turn
            _read.Add(parent);
            Behind(parent).UnionWith(children);
        }
    }

    private SortedSet<long> Behind(long parent)
    {
        if (!_behind.TryGetValue(parent, out var children)) _behind.Add(parent, children = []);
        return children;
    }

    private List<GraphEdge> OfChild(long child)
    {
        ReadEdges([child]);
        return _ofChild[child];
    }

    private void ReadEdges(IEnumerable<long> children)
    {
        var missing = children.Where(child => _ofChild.TryAdd(child, [])).ToArray();
        if (missing.Length == 0) return;
        Ask($"SELECT {Columns} FROM {S}.edge e WHERE e.child_seq = ANY ($1) ORDER BY e.child_seq, e.position", r => _ofChild[r.GetInt64(3)].Add(Read(r)), Numbers(missing));
    }

    public static GraphEdge Read(NpgsqlDataReader r) => new(
        r.GetInt64(1), new JobId(r.GetGuid(2)), r.GetInt64(3), (EdgeKind)r.GetInt16(4), (DependsOn)r.GetInt16(5), r.GetInt32(6), r.TextOrNull(7), r.GetBoolean(8));

    private void Ask(string sql, Action<NpgsqlDataReader> row, params NpgsqlParameter[] parameters) => new RoundTrip(unit.Connection).Read(sql, row, parameters).Go();
}
