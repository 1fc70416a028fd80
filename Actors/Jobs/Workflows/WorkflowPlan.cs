using System.Security.Cryptography;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>A graph whose jobs have been checked, ready to be stored.</summary>
internal sealed record WorkflowPlan(NewWorkflow Workflow, IReadOnlyList<NewJob> Jobs)
{
    private const int MaxFaults = 20;

    /// <summary>The plan of a submission.</summary>
    /// <returns>Null with a plan; else why it cannot run, with pointers below <c>/jobs</c>.</returns>
    public static Refusal? Of(WorkflowSubmission submission, IJobAdmission admission, DateTimeOffset now, out WorkflowPlan? plan)
    {
        plan = null;
        if (WorkflowGraph.Order(submission, out var ordered) is { } refusal) return refusal;
        var id = new WorkflowId(Guid.CreateVersion7(now));
        var ids = ordered.ToDictionary(job => job.Name, job => job.Submission.Id ?? new JobId(Guid.CreateVersion7(now)), StringComparer.Ordinal);
        var jobs = new List<NewJob>(ordered.Count);
        var members = new List<NewMember>(ordered.Count);
        var faults = new List<FieldFault>();
        foreach (var job in ordered)
        {
            if (Submission(job, submission, id, ids, first: jobs.Count == 0, faults) is not { } complete) continue;
            if (admission.Check(complete, out var stored) is { } bad)
            {
                if (bad.Faults is not { Count: > 0 }) return bad with { Detail = $"{WorkflowGraph.At(job.Name)}: {bad.Detail}", Faults = [new FieldFault(WorkflowGraph.At(job.Name), bad.Detail)] };
                faults.AddRange(bad.Faults.Select(fault => fault with { Pointer = WorkflowGraph.At(job.Name) + fault.Pointer }));
                if (bad.Code != "invalid-request") return bad with { Faults = faults };
            }
            else
            {
                jobs.Add(stored!);
                members.Add(new NewMember(job.Name, stored!.Row.Id, ResultReferences.Any(stored.Args.Span) ? stored.Args : default));
            }
            if (faults.Count >= MaxFaults) break;
        }
        if (faults.Count > 0) return WorkflowGraph.Invalid(faults);
        plan = new WorkflowPlan(new NewWorkflow(id, submission.Namespace, submission.Name, submission.OnFailure, members), jobs);
        return null;
    }

    /// <summary>The plan of a new workflow that keeps what succeeded in another one.</summary>
    public static Refusal? Again(WorkflowView old, string? idempotencyKey, IJobAdmission admission, DateTimeOffset now, out WorkflowPlan? plan)
    {
        plan = null;
        var ns = old.Row.Namespace;
        var id = new WorkflowId(Guid.CreateVersion7(now));
        var fresh = old.Members.Where(member => member.Job.Row.State != JobState.Succeeded)
            .ToDictionary(member => member.Job.Row.Id, _ => new JobId(Guid.CreateVersion7(now)));
        var there = old.Members.Select(member => member.Job.Row.Id).ToHashSet();
        var jobs = new List<NewJob>(fresh.Count);
        var members = new List<NewMember>(old.Members.Count);
        foreach (var member in old.Members)
        {
            if (!fresh.TryGetValue(member.Job.Row.Id, out var again))
            {
                members.Add(new NewMember(member.Name, member.Job.Row.Id, member.Template));
                continue;
            }
            foreach (var edge in member.Job.DependsOn)
                if (!there.Contains(edge.Job)) return WorkflowRefusals.ParentGone(member.Name, edge.Job);
            var args = ResultReferences.Rename(member.Template.IsEmpty ? member.Job.Args : member.Template,
                name => JobId.TryParse(name, out var parent) && fresh.TryGetValue(parent, out var now) ? now.ToString() : null);
            var submission = Submission(member.Job, args, fresh) with { Id = again, Workflow = id.ToString() };
            if (jobs.Count == 0 && idempotencyKey is not null) submission = submission with { IdempotencyKey = idempotencyKey, Digest = AgainDigest(old.Row.Id) };
            if (admission.Check(submission, out var stored) is { } bad) return bad with { Detail = $"Job '{member.Name}' cannot be submitted again: {bad.Detail}" };
            jobs.Add(stored!);
            members.Add(new NewMember(member.Name, again, member.Template.IsEmpty ? default : args));
        }
        plan = new WorkflowPlan(new NewWorkflow(id, ns, old.Row.Name, old.Row.OnFailure, members) { RerunOf = old.Row.Id }, jobs);
        return null;
    }

    private static Submission? Submission(
        WorkflowJob job, WorkflowSubmission whole, WorkflowId workflow, Dictionary<string, JobId> ids, bool first, List<FieldFault> faults)
    {
        var parents = job.DependsOn.Select(edge => edge.Job).ToHashSet(StringComparer.Ordinal);
        var known = faults.Count;
        foreach (var (pointer, name) in ResultReferences.Find(job.Submission.Args))
        {
            if (!parents.Contains(name) && faults.Count < MaxFaults)
                faults.Add(new FieldFault($"{WorkflowGraph.At(job.Name)}/args{pointer}", $"'{name}' is not among its parents. Add it to dependsOn."));
        }
        if (faults.Count > known) return null;
        return job.Submission with
        {
            Id = ids[job.Name],
            Workflow = workflow.ToString(),
            Args = ResultReferences.Rename(job.Submission.Args, name => ids[name].ToString()),
            DependsOn = [.. job.DependsOn.Select(edge => new JobDependency(ids[edge.Job], edge.On))],
            // One key for the whole stands on its first job.
            IdempotencyKey = first ? whole.IdempotencyKey : null,
            Digest = first && whole.IdempotencyKey is not null ? whole.Digest : job.Submission.Digest,
        };
    }

    /// <summary>Tells a repeat from the rerun of another workflow under the same key: docs/formats/submission-digest.md.</summary>
    private static Guid AgainDigest(WorkflowId old) =>
        new(SHA256.HashData([.. "rerun-workflow-1"u8, .. old.Value.ToByteArray(bigEndian: true)]).AsSpan(0, 16), bigEndian: true);

    private static Submission Submission(Job job, ReadOnlyMemory<byte> args, Dictionary<JobId, JobId> fresh)
    {
        var row = job.Row;
        return new Submission
        {
            Namespace = row.Namespace, Task = row.Task, Args = args, Queue = row.Queue, Priority = row.Priority, Timeout = row.Timeout,
            ExpiresIn = row.ExpiresAt - row.CreatedAt, MaxAttempts = row.MaxAttempts, Backoff = row.Backoff, UniqueKey = row.UniqueKey,
            UniquePolicy = row.UniquePolicy, UniqueUntil = row.UniqueUntil, LimitKey = row.LimitKey, Callback = row.Callback, Tags = row.Tags, Meta = row.Meta,
            DependsOn = [.. job.DependsOn.Select(edge => fresh.TryGetValue(edge.Job, out var again) ? edge with { Job = again } : edge)],
            Digest = row.Digest, TraceParent = row.TraceParent, RerunOf = row.Id,
        };
    }
}
