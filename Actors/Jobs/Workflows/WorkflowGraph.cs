using System.Buffers;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Whether jobs and their edges are a graph that can run, and in which order. Pure.</summary>
public static class WorkflowGraph
{
    public const int MaxJobName = 100;
    private const int MaxFaults = 20;
    private const int MaxShown = 10;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Puts parents before those that wait for them, jobs that could change places in the order they were named.</summary>
    /// <returns>Null when every name is one job, every parent is a job of the graph, and nothing waits for itself; else why not (INV-26).</returns>
    public static Refusal? Order(WorkflowSubmission submission, out IReadOnlyList<WorkflowJob> ordered)
    {
        ordered = [];
        var jobs = submission.Jobs;
        if (jobs.Count is 0 or > WorkflowSubmission.MaxJobs)
            return Invalid([new FieldFault("/jobs", $"{jobs.Count} jobs; a workflow has 1 to {WorkflowSubmission.MaxJobs}.")]);
        var faults = new List<FieldFault>();
        if (submission.Name is { } name && (name.Length is 0 or > WorkflowSubmission.MaxName || name.Any(char.IsControl)))
            faults.Add(new("/name", $"A name has 1 to {WorkflowSubmission.MaxName} characters, none of them a control character."));
        var places = Places(jobs, faults);
        var parents = Parents(jobs, places, faults);
        if (faults.Count > 0) return Invalid(faults);
        var order = Sort(parents);
        if (order.Count < jobs.Count) return Invalid([Cycle(jobs, parents, order)]);
        ordered = [.. order.Select(place => jobs[place])];
        return null;
    }

    private static Dictionary<string, int> Places(IReadOnlyList<WorkflowJob> jobs, List<FieldFault> faults)
    {
        var places = new Dictionary<string, int>(jobs.Count, StringComparer.Ordinal);
        for (var i = 0; i < jobs.Count && faults.Count < MaxFaults; i++)
        {
            var name = jobs[i].Name;
            if (name.Length is 0 or > MaxJobName || name.AsSpan().ContainsAnyExcept(NameCharacters))
                faults.Add(new(At(name), $"A job's name is 1 to {MaxJobName} of A-Z a-z 0-9 . _ -"));
            else if (!places.TryAdd(name, i)) faults.Add(new(At(name), "The name is there twice."));
        }
        return places;
    }

    private static int[][] Parents(IReadOnlyList<WorkflowJob> jobs, Dictionary<string, int> places, List<FieldFault> faults)
    {
        var parents = new int[jobs.Count][];
        for (var i = 0; i < jobs.Count; i++)
        {
            var edges = jobs[i].DependsOn;
            parents[i] = new int[edges.Count];
            var seen = new HashSet<string>(edges.Count, StringComparer.Ordinal);
            for (var e = 0; e < edges.Count; e++)
            {
                var known = places.TryGetValue(edges[e].Job, out parents[i][e]);
                if (faults.Count == MaxFaults || (known && parents[i][e] != i && seen.Add(edges[e].Job))) continue;
                faults.Add(new($"{At(jobs[i].Name)}/dependsOn/{e}",
                    !known ? $"The workflow has no job '{Shown(edges[e].Job)}'." : parents[i][e] == i ? "A job cannot wait for itself." : "The parent is there twice."));
            }
        }
        return parents;
    }

    /// <summary>As many as can be put in order; a cycle, and what is behind it, is left out.</summary>
    private static List<int> Sort(int[][] parents)
    {
        var open = new int[parents.Length];
        var children = new List<int>?[parents.Length];
        for (var i = 0; i < parents.Length; i++)
        {
            open[i] = parents[i].Length;
            foreach (var parent in parents[i]) (children[parent] ??= []).Add(i);
        }
        var order = new List<int>(parents.Length);
        for (var i = 0; i < parents.Length; i++)
            if (open[i] == 0) order.Add(i);
        for (var next = 0; next < order.Count; next++)
            foreach (var child in children[order[next]] ?? [])
                if (--open[child] == 0) order.Add(child);
        return order;
    }

    private static FieldFault Cycle(IReadOnlyList<WorkflowJob> jobs, int[][] parents, List<int> order)
    {
        // Each job that is left over waits for one that is left over: walking up comes round.
        var sorted = order.ToHashSet();
        var seen = new Dictionary<int, int>();
        var walk = new List<int>();
        var at = Enumerable.Range(0, jobs.Count).First(place => !sorted.Contains(place));
        for (; seen.TryAdd(at, walk.Count); at = parents[at].First(parent => !sorted.Contains(parent))) walk.Add(at);
        var round = walk.Skip(seen[at]).Select(place => jobs[place].Name).ToArray();
        var shown = string.Join(" waits for ", round.Take(MaxShown).Append(round.Length > MaxShown ? "…" : round[0]));
        return new FieldFault($"{At(round[0])}/dependsOn", $"The jobs wait for each other: {shown}. Take out one of these edges.");
    }

    internal static string At(string name) => "/jobs/" + Shown(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Shown(string name) => name.Length <= MaxJobName ? name : string.Concat(name.AsSpan(0, MaxJobName), "…");

    internal static Refusal Invalid(IReadOnlyList<FieldFault> faults) => Refusal.Invalid("invalid-request",
        faults.Count == 1 ? $"{faults[0].Pointer}: {faults[0].Message}" : $"{faults.Count} places of the workflow cannot be taken; see errors.", faults);
}
