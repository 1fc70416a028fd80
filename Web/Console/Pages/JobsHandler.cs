using ActorPerf.Jobs;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class JobsHandler
{
    private static readonly byte[] SampleArgs = """{"n":12}"""u8.ToArray();

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var filter = JobFilter.Parse(request.Query, out var fault);
        var model = await ReadAsync(request.Jobs, request.View, filter ?? new JobFilter(null, null, null, null, null, [], request.Query("q")), fault, request.View.Now, request.Aborted);
        return ConsolePage.Of<JobsPage>(request.View, model, fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (JobFilter.Parse(request.Query, out _) is not { } filter) return null;
        var (jobs, view, time) = (request.Jobs, request.View, request.Service<TimeProvider>());
        var key = new Links("", null).To("jobs", filter.Pairs());
        return (key, () => new LiveQuestion(async ct => (await ReadAsync(jobs, view, filter, null, time.GetUtcNow(), ct)).Live()));
    }

    private static async Task<JobsModel> ReadAsync(IJobs jobs, ConsoleView view, JobFilter filter, string? fault, DateTimeOffset now, CancellationToken ct)
    {
        var counts = await jobs.CountsAsync(view.Namespace, ct);
        var page = fault is null ? await jobs.ListAsync(filter.Query(view.Namespace), ct) : new JobPage([], null);
        string Link(JobFilter to) => view.Links.To("jobs", to.Pairs());
        return new JobsModel(
            filter,
            [.. Tabs(filter, counts, Link)],
            [.. Chips(filter, Link)],
            [.. page.Rows.Select(job => new JobLine(job, now, view.Links.Job(job.Row.Id)))],
            filter.Cursor is null ? null : Link(filter.Newer()),
            page.Next is { } next ? Link(filter.Older(next)) : null,
            page.Exhausted,
            fault,
            counts.Sum(count => count.Count),
            CallLines.ForJob(view, "square", SampleArgs, new JobFields()));
    }

    private static IEnumerable<JobTab> Tabs(JobFilter filter, IReadOnlyList<JobCount> counts, Func<JobFilter, string> link)
    {
        var top = filter.FromTheTop();
        yield return new JobTab("all", link(top with { State = null }), filter.Count(counts, null), filter.State is null);
        foreach (var state in JobStates.All)
            yield return new JobTab(state.Word, link(top with { State = state }), filter.Count(counts, state), filter.State == state);
    }

    private static IEnumerable<JobChip> Chips(JobFilter filter, Func<JobFilter, string> link)
    {
        var top = filter.FromTheTop();
        if (filter.Q is { } search) yield return new JobChip("search", search, link(top with { Q = null }));
        if (filter.Task is { } task) yield return new JobChip("task", task, link(top with { Task = null }));
        if (filter.Queue is { } queue) yield return new JobChip("queue", queue, link(top with { Queue = null }));
        if (filter.Tag is { } tag) yield return new JobChip("tag", tag, link(top with { Tag = null }));
    }
}
