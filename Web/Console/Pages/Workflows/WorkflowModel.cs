using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Web.Console.Live;
using ActorPerf.Web.Console.Parts;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A page of workflows, newest first.</summary>
/// <param name="Before">Where the page begins; null for the newest.</param>
public sealed record WorkflowsModel(IReadOnlyList<WorkflowRow> Rows, string? Older, long? Before)
{
    public string Shape => Shapes.Of(Rows.Select(row => row.Id.ToString()));

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var row in Rows)
        {
            values[Key(row, "state")] = row.State;
            values[Key(row, "state") + "@data-state"] = row.State;
            values[Key(row, "done")] = Done(row);
            values[Key(row, "bar") + "@value"] = row.Done.ToString(CultureInfo.InvariantCulture);
        }
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Key(WorkflowRow row, string cell) => $"{row.Id}-{cell}";

    public static string Done(WorkflowRow row) => $"{Words.Count(row.Done)} of {Words.Count(row.Total)}";
}

/// <summary>One workflow: its jobs as a graph where they can be drawn, and as a table.</summary>
public sealed record WorkflowModel(WorkflowView Workflow, DateTimeOffset Now)
{
    /// <summary>Jobs that a graph can show and still be read.</summary>
    public const int MostDrawn = 200;

    /// <summary>Rows of the table.</summary>
    public const int MostListed = 500;

    /// <summary>Jobs that are asked about every second while somebody looks.</summary>
    private const int MostLive = 1_000;

    public WorkflowRow Row => Workflow.Row;

    public bool IsDrawn => Workflow.Members.Count is > 0 and <= MostDrawn;

    public bool IsLive => Row.State == "running" && Workflow.Members.Count <= MostLive;

    public string Title => Row.Name ?? $"Workflow {Row.Id.ToString()[^8..]}";

    public string Sentence => Row.State switch
    {
        "running" => $"{WorkflowsModel.Done(Row)} jobs have ended.",
        "succeeded" => $"All {Words.Count(Row.Total)} jobs succeeded.",
        "failed" => $"{Words.Count(Row.Counts.GetValueOrDefault(JobState.Failed) + Row.Counts.GetValueOrDefault(JobState.Expired), "job", "jobs")} failed; every job has ended.",
        _ => "Cancelled; every job has ended.",
    };

    /// <summary>The numbers of the members that each waits for, among those of the graph.</summary>
    public IReadOnlyList<IReadOnlyList<(int Parent, DependsOn On)>> Edges
    {
        get
        {
            var numbers = new Dictionary<JobId, int>();
            for (var i = 0; i < Workflow.Members.Count; i++) numbers.TryAdd(Workflow.Members[i].Job.Row.Id, i);
            return [.. Workflow.Members.Select((member, i) =>
                (IReadOnlyList<(int, DependsOn)>)[.. member.Job.DependsOn.Select(edge => (numbers.GetValueOrDefault(edge.Job, i), edge.On)).Where(edge => edge.Item1 < i)])];
        }
    }

    public GraphLayout Layout => GraphLayout.Of([.. Edges.Select(edges => (IReadOnlyList<int>)[.. edges.Select(edge => edge.Parent)])]);

    public string Shape => Shapes.Of(Row.State, Row.Total.ToString(CultureInfo.InvariantCulture));

    public LiveState Live()
    {
        var values = new LiveValues { ["sentence"] = Sentence, ["state"] = Row.State, ["state@data-state"] = Row.State, ["bar@value"] = Row.Done.ToString(CultureInfo.InvariantCulture) };
        foreach (var member in Workflow.Members.Take(MostListed))
        {
            var state = member.Job.Row.State.Word;
            values[$"node-{member.Name}@data-state"] = state;
            values[$"word-{member.Name}"] = state;
            values[$"row-{member.Name}"] = state;
            values[$"row-{member.Name}@data-state"] = state;
            values[$"ran-{member.Name}"] = Words.Duration(Times.Ran(member.Job.Row, Now));
        }
        return new LiveState { Shape = Shape, Values = values };
    }
}
