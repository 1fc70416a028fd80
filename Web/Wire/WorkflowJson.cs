using System.Text.Json;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <summary>Writes workflows: as a line of a list, and whole with their jobs by name.</summary>
internal static class WorkflowJson
{
    public static void WriteWorkflow(this Utf8JsonWriter json, WorkflowView workflow)
    {
        json.WriteStartObject();
        WriteMembers(json, workflow.Row);
        var names = workflow.Members.ToDictionary(member => member.Job.Row.Id, member => member.Name);
        json.WriteStartObject("jobs"u8);
        foreach (var member in workflow.Members) WriteMember(json, member, names);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteWorkflowRow(this Utf8JsonWriter json, WorkflowRow row)
    {
        json.WriteStartObject();
        WriteMembers(json, row);
        json.WriteEndObject();
    }

    /// <summary>What a job waited or waits for.</summary>
    /// <param name="name">Of a parent; its id where that is all there is.</param>
    public static void WriteDependsOn(this Utf8JsonWriter json, IReadOnlyList<JobDependency> parents, Func<JobId, string> name)
    {
        json.WriteStartArray(N.DependsOn);
        for (var i = 0; i < parents.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString(N.Job, name(parents[i].Job));
            json.WriteString(N.On, Words.DependsOns[(int)parents[i].On]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, WorkflowRow row)
    {
        json.WriteString(N.Id, row.Id.Value);
        json.WriteText(N.Name, row.Name);
        json.WriteString(N.Namespace, row.Namespace.Name);
        json.WriteString(N.State, row.State);
        json.WriteString("onFailure"u8, row.OnFailure == OnFailure.Cancel ? "cancel"u8 : "continue"u8);
        json.WriteNumber(N.Done, row.Done);
        json.WriteNumber(N.Total, row.Total);
        json.WriteStartObject(N.Counts);
        foreach (var state in JobStates.All)
            if (row.Counts.TryGetValue(state, out var count)) json.WriteNumber(Words.Of(state), count);
        json.WriteEndObject();
        if (row.RerunOf is { } rerunOf) json.WriteString(N.RerunOf, rerunOf.Value);
        else json.WriteNull(N.RerunOf);
        json.WriteTime(N.CreatedAt, row.CreatedAt);
    }

    private static void WriteMember(Utf8JsonWriter json, WorkflowMember member, Dictionary<JobId, string> names)
    {
        var row = member.Job.Row;
        json.WriteStartObject(member.Name);
        json.WriteString(N.Id, row.Id.Value);
        json.WriteString(N.Task, row.Task);
        json.WriteString(N.State, Words.Of(row.State));
        json.WriteDependsOn(member.Job.DependsOn, id => names.GetValueOrDefault(id) ?? id.ToString());
        json.WriteNumber(N.Attempt, row.Attempt);
        json.WriteError(row.Error);
        json.WriteBoolean("kept"u8, member.Kept);
        json.WriteTime(N.StartedAt, row.StartedAt);
        json.WriteTime(N.FinishedAt, row.FinishedAt);
        json.WriteEndObject();
    }
}
