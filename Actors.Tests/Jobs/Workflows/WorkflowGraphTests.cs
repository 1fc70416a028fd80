using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Workflows;

public sealed class WorkflowGraphTests
{
    [Fact]
    public void Parents_come_before_those_that_wait_for_them()
    {
        Assert.Null(WorkflowGraph.Order(Of(("c", ["b", "a"]), ("b", ["a"]), ("a", [])), out var ordered));
        Assert.Equal(["a", "b", "c"], ordered.Select(job => job.Name));
    }

    [Fact]
    public void INV_26_A_cycle_is_refused_and_told()
    {
        var refusal = WorkflowGraph.Order(Of(("start", []), ("a", ["start", "c"]), ("b", ["a"]), ("c", ["b"]), ("behind", ["c"])), out _)!;
        var fault = Assert.Single(refusal.Faults);
        Assert.Equal("invalid-request", refusal.Code);
        Assert.Matches("^/jobs/[abc]/dependsOn$", fault.Pointer);
        Assert.Equal(3, new[] { "a", "b", "c" }.Count(name => fault.Message.Contains($" {name} ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("x", "/jobs/b/dependsOn/1", "no job 'x'")]
    [InlineData("b", "/jobs/b/dependsOn/1", "itself")]
    [InlineData("a", "/jobs/b/dependsOn/1", "twice")]
    public void INV_26_An_edge_that_cannot_be_is_refused_with_its_place(string parent, string pointer, string says)
    {
        var fault = Assert.Single(WorkflowGraph.Order(Of(("a", []), ("b", ["a", parent])), out _)!.Faults);
        Assert.Equal(pointer, fault.Pointer);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public void A_name_that_cannot_be_pointed_at_is_refused(string name) => Assert.Single(WorkflowGraph.Order(Of((name, [])), out _)!.Faults);

    [Fact]
    public void Ten_thousand_jobs_in_a_row_are_a_workflow_and_one_more_is_not()
    {
        var row = Enumerable.Range(0, WorkflowSubmission.MaxJobs + 1).Select(i => ($"j{i}", i == 0 ? Array.Empty<string>() : [$"j{i - 1}"])).Reverse().ToArray();
        Assert.Equal("/jobs", Assert.Single(WorkflowGraph.Order(Of(row), out _)!.Faults).Pointer);
        Assert.Null(WorkflowGraph.Order(Of(row[1..]), out var ordered));
        Assert.Equal("j0", ordered[0].Name);
    }

    /// <summary>Random graphs, half of them with an edge that goes back: refused exactly where a walk finds a way from a job to itself.</summary>
    [Fact]
    public void INV_26_Random_graphs_are_refused_exactly_where_they_have_a_cycle_or_an_unknown_parent()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 12);
            var unknown = random.Next(6) == 0;
            var edges = Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Where(parent => parent != i && random.Next(count * 2) == 0).ToArray()).ToArray();
            var jobs = edges.Select((parents, i) => ($"j{i}", parents.Select(parent => $"j{parent}").ToArray())).ToArray();
            if (unknown) jobs[random.Next(count)].Item2 = [.. jobs[random.Next(count)].Item2, "nobody"];
            unknown = jobs.Any(job => job.Item2.Contains("nobody"));
            var self = jobs.Any(job => job.Item2.Contains(job.Item1) || job.Item2.Distinct().Count() < job.Item2.Length);
            for (var i = 0; i < count; i++) edges[i] = [.. jobs[i].Item2.Where(name => name != "nobody").Select(name => int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture))];

            var refusal = WorkflowGraph.Order(Of(jobs), out var ordered);

            var cyclic = Enumerable.Range(0, count).Any(i => Reaches(edges, i, i));
            Assert.True((refusal is not null) == (cyclic || unknown || self), $"seed {seed}");
            if (refusal is not null) continue;
            var places = ordered.Select((job, place) => (job.Name, place)).ToDictionary(job => job.Name, job => job.place);
            Assert.All(jobs, job => Assert.All(job.Item2, parent => Assert.True(places[parent] < places[job.Item1], $"seed {seed}")));
        }
    }

    private static bool Reaches(int[][] edges, int from, int to)
    {
        var seen = new HashSet<int>();
        var open = new Stack<int>(edges[from]);
        while (open.TryPop(out var at))
        {
            if (at == to) return true;
            if (!seen.Add(at)) continue;
            foreach (var next in edges[at]) open.Push(next);
        }
        return false;
    }

    private static WorkflowSubmission Of(params (string Name, string[] Parents)[] jobs) => new()
    {
        Namespace = Namespace.Default,
        Jobs = [.. jobs.Select(job => new WorkflowJob(job.Name, new Submission { Namespace = Namespace.Default, Task = "t" }) { DependsOn = [.. job.Parents.Select(parent => new WorkflowEdge(parent))] })],
    };
}
