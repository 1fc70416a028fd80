using System.Diagnostics;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Web.Api;
using Microsoft.AspNetCore.Http;
using Filter = ActorPerf.Jobs.Search.JobFilter;

namespace ActorPerf.Web.Console.Pages;

/// <summary>One action on several jobs: first what it would do, as a page that can be looked at; then the act.</summary>
/// <remarks>Chosen jobs are few (a page of the list) and done at once; all that match are an operation of the API, with a page that shows how far it is.</remarks>
internal static class JobsBulkHandler
{
    private const int MaxChosen = 500;

    public static async Task<IResult> AskAsync(ConsoleRequest request)
    {
        if (!OperationActions.TryParse(request.Query("action"), out var action)) return request.NotFound($"There is no such action. There are {string.Join(", ", OperationActions.Words)}.");
        if (JobFilter.Parse(request.Query, out var fault) is not { } filter) return request.Failure(StatusCodes.Status400BadRequest, "Not a search", fault!.Sentence);
        var back = request.Links.To("jobs", filter.Wishes());
        if (request.Query("all") is not null) return await AskAllAsync(request, action, filter, back);
        var ids = Ids(request.Queries("id"));
        if (ids.Count == 0) return request.Failure(StatusCodes.Status400BadRequest, "Nothing was chosen", "Choose jobs in the list by their boxes, or all that match, and then what to do with them.");
        var jobs = (await request.Jobs.GetManyAsync(request.View.Namespace, ids, request.Aborted)).OfType<Job>().ToList();
        return ConsolePage.Of<JobsBulkPage>(request.View, new BulkModel
        {
            Action = action,
            Back = back,
            Ids = [.. jobs.Where(job => BulkWords.Fits(action, job.Row.State)).Select(job => job.Row.Id)],
            Matched = ids.Count,
            Fitting = jobs.Count(job => BulkWords.Fits(action, job.Row.State)),
            Jobs = [.. jobs.Select(job => job.Row)],
        });
    }

    public static Task<IResult> DoAsync(ConsoleRequest request)
    {
        if (!OperationActions.TryParse(request.Field("action"), out var action)) return Task.FromResult(request.NotFound("There is no such action."));
        return request.Field("q") is { } q ? StartAsync(request, action, q) : DoChosenAsync(request, action);
    }

    private static async Task<IResult> AskAllAsync(ConsoleRequest request, OperationAction action, JobFilter filter, string back)
    {
        var (search, ns, ct) = (request.Service<IJobSearch>(), request.View.Namespace, request.Aborted);
        var matching = filter.Query(ns) with { Before = null, Sort = JobSort.Newest };
        var fitting = Filter.All([matching.Wanted(), Filter.Any(BulkWords.States(action).Select(state => new Filter.InState(state)))]);
        var q = fitting.ToString();
        return ConsolePage.Of<JobsBulkPage>(request.View, new BulkModel
        {
            Action = action,
            Back = back,
            Q = q,
            Asked = filter.Whole(ns),
            IsEverything = filter is { IsNarrowed: false, State: null },
            Matched = await search.CountAsync(matching, ct),
            Fitting = await request.Service<IOperations>().CountAsync(ns, q, ct) is OperationReply.Counted(_, var count) ? count : 0,
        });
    }

    private static async Task<IResult> StartAsync(ConsoleRequest request, OperationAction action, string q)
    {
        switch (await request.Service<IOperations>().StartAsync(request.View.Namespace, action, q, request.Aborted))
        {
            case OperationReply.Started(var operation):
                var id = operation.Job.Row.Id.ToString();
                AuditNote.Put(request.Http, id, after: $"{action.Word} {operation.Q}");
                await request.RecordAsync("startOperation", id);
                return request.Redirect(request.Links.To($"operations/{id}"));
            case OperationReply.Refused(var refusal):
                return request.Refused(refusal);
            default:
                throw new UnreachableException();
        }
    }

    private static async Task<IResult> DoChosenAsync(ConsoleRequest request, OperationAction action)
    {
        var ids = Ids(request.Fields("id"));
        var (done, skipped, failed) = (0, 0, new List<(JobId, Refusal)>());
        foreach (var id in ids)
        {
            switch (await OneAsync(request, action, id))
            {
                case null:
                    await request.RecordAsync(Verb(action), id.ToString());
                    done++;
                    break;
                case { Code: "unknown-job" or "state-conflict" }:
                    skipped++;
                    break;
                case { } refusal:
                    failed.Add((id, refusal));
                    break;
            }
        }
        var back = request.Links.Back(request.Field("returnTo"));
        var did = BulkWords.Did(action, done, skipped);
        if (failed.Count == 0) return request.Redirect($"{back}{(back.Contains('?', StringComparison.Ordinal) ? '&' : '?')}did={did}");
        return ConsolePage.Of<JobsBulkPage>(request.View, new BulkModel { Action = action, Back = back, Matched = ids.Count, Fitting = done, Outcome = BulkWords.Told(did), Failed = failed }, StatusCodes.Status409Conflict);
    }

    /// <summary>Null when it was done.</summary>
    private static async Task<Refusal?> OneAsync(ConsoleRequest request, OperationAction action, JobId id)
    {
        var (jobs, ns, ct) = (request.Jobs, request.View.Namespace, request.Aborted);
        if (action == OperationAction.Rerun)
            return await jobs.RerunAsync(ns, id, new Rerun(), ct) is not { } rerun ? Gone(id) : rerun is SubmitOutcome.Refused(var refused) ? refused : null;
        var outcome = action switch
        {
            OperationAction.Cancel => await jobs.CancelAsync(ns, id, ct),
            OperationAction.RunNow => await jobs.RunNowAsync(ns, id, ct),
            _ => await jobs.DeleteAsync(ns, id, ct),
        };
        return outcome switch { null => Gone(id), JobOutcome.Refused(var refusal) => refusal, _ => null };
    }

    private static Refusal Gone(JobId id) => new("unknown-job", $"There is no job {id} any more.");

    private static string Verb(OperationAction action) => action switch
    {
        OperationAction.Cancel => "cancelJob",
        OperationAction.Rerun => "rerunJob",
        OperationAction.RunNow => "runJobNow",
        _ => "deleteJob",
    };

    private static List<JobId> Ids(IEnumerable<string> texts) =>
        [.. texts.Take(MaxChosen).Select(text => JobId.TryParse(text, out var id) ? id : (JobId?)null).OfType<JobId>().Distinct()];
}

/// <summary>What an action would do to several jobs.</summary>
public sealed record BulkModel
{
    public required OperationAction Action { get; init; }

    /// <summary>The list that it was asked from.</summary>
    public required string Back { get; init; }

    /// <summary>Chosen jobs that it fits; empty where all that match are meant.</summary>
    public IReadOnlyList<JobId> Ids { get; init; } = [];

    /// <summary>The chosen jobs.</summary>
    public IReadOnlyList<JobRow> Jobs { get; init; } = [];

    /// <summary>The search of the operation; null where jobs were chosen.</summary>
    public string? Q { get; init; }

    /// <summary>What the list asks for.</summary>
    public string Asked { get; init; } = "";

    /// <summary>No filter: every job of the namespace is meant.</summary>
    public bool IsEverything { get; init; }

    public required long Matched { get; init; }

    /// <summary>Of them, jobs whose state allows it.</summary>
    public required long Fitting { get; init; }

    /// <summary>What was done, where some could not be; null before.</summary>
    public string? Outcome { get; init; }

    public IReadOnlyList<(JobId Id, Refusal Why)> Failed { get; init; } = [];

    /// <summary>Counting stops at a bound.</summary>
    public static string Count(long count) => count > IJobSearch.MaxCounted ? $"more than {Words.Count(IJobSearch.MaxCounted)}" : Words.Count(count);

    public static string Count(long count, string one, string many) => count == 1 ? $"1 {one}" : $"{Count(count)} {many}";
}
