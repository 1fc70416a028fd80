using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

public sealed class JobGraphTests
{
    [Fact]
    public void A_result_is_read_once_for_all_who_name_it_in_a_transaction()
    {
        var rows = new OneParent("""[{"a": 1}, {"a": 2}]""");
        var graph = new JobGraph(rows);
        var args = $"[{string.Join(',', Enumerable.Repeat($$"""{"$result": "{{rows.Parent.Id}}", "path": "1.a"}""", 100))}]";
        for (var i = 0; i < 3; i++) Assert.Equal($"[{string.Join(',', Enumerable.Repeat('2', 100))}]", Resolved(args));
        Assert.Equal(1, rows.Reads);
        graph.Committed();
        Resolved(args);
        Assert.Equal(2, rows.Reads);

        string Resolved(string text)
        {
            var job = new NewJob(rows.Parent with { Id = new JobId(Guid.CreateVersion7()) }, Encoding.UTF8.GetBytes(text), null) { DependsOn = [new(rows.Parent.Id, DependsOn.Succeeded)] };
            return Encoding.UTF8.GetString(graph.Plan(job, out _)!.Args!.Value.Span);
        }
    }

    /// <summary>A job that succeeded, and nothing else.</summary>
    private sealed class OneParent(string result) : IGraphRows
    {
        public JobRow Parent { get; } = PruneWorld.Row() with { Seq = 1, State = JobState.Succeeded };

        public int Reads { get; private set; }

        public Job? Find(long seq) => null;

        public JobRow? Find(Namespace ns, JobId id) => Parent;

        public ReadOnlyMemory<byte>? ResultOf(long seq)
        {
            Reads++;
            return Encoding.UTF8.GetBytes(result);
        }

        public void Add(Namespace ns, GraphEdge edge) => throw new NotSupportedException();

        public IReadOnlyList<GraphEdge> OpenBehind(Namespace ns, long parent) => [];

        public IReadOnlyList<GraphEdge> EdgesOf(long child) => [];

        public bool HasOpen(long child) => false;

        public void Close(Namespace ns, GraphEdge edge) => throw new NotSupportedException();

        public void Remove(long child, EdgeKind kind) => throw new NotSupportedException();

        public Job? Apply(Job job, JobCommand command) => null;

        public void SetArgs(long seq, ReadOnlyMemory<byte> args) => throw new NotSupportedException();

        public bool StopsOnFailure(Namespace ns, string workflow) => false;

        public IReadOnlyList<Job> Unfinished(Namespace ns, string workflow) => [];
    }
}
