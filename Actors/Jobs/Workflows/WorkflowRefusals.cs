using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>The refusals of graphs of jobs, each said in one place.</summary>
public static class WorkflowRefusals
{
    public static Refusal UnknownParent(JobId id, int index) => Refusal.Invalid("unknown-job",
        $"There is no job {id} in this namespace to wait for. A parent is submitted before the jobs that depend on it, or earlier in the same atomic batch.",
        new FieldFault($"/dependsOn/{index}", $"No job {id}."));

    public static Refusal ArgsTooLarge { get; } = new("payload-too-large",
        $"With the results in them, the arguments are larger than {ResultReferences.MaxBytes} bytes. Name a part of a result with \"path\", or let the task read the result itself.");

    public static Refusal TakenJob(JobId id) => new("id-conflict",
        $"Another submission made job {id}, or holds the unique key, so the workflow could not make this job. Nothing of it was stored. Use other ids and keys.");

    public static Refusal Unknown(string id) => new("unknown-workflow",
        $"There is no workflow '{id}' in this namespace. Ids are UUIDs in lower case; a workflow is removed with the last of its jobs.");

    public static Refusal NothingToRerun(string id) => new("state-conflict",
        $"Every job of workflow {id} succeeded, so none is left to run again. Submit a new workflow instead.");

    public static Refusal ParentGone(string name, JobId parent) => new("state-conflict",
        $"Job '{name}' of this workflow needs job {parent}, which has been deleted, and its result with it. Submit the whole workflow again, as a new one.");

    public static Refusal NotFinished(string id) => new("state-conflict",
        $"Workflow {id} has jobs that have not ended. Wait for them, or cancel the workflow, and ask again.");
}
