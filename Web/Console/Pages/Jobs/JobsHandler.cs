using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Web.Console.Forms;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;
using Filter = ActorPerf.Jobs.Search.JobFilter;

namespace ActorPerf.Web.Console.Pages;

internal static class JobsHandler
{

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var filter = JobFilter.Parse(request.Query, out var fault);
        var (jobs, view, ct) = (request.Jobs, request.View, request.Aborted);
        var model = filter is null
            ? new JobsModel { Filter = JobFilter.None with { Q = request.Query("q") }, Tabs = [], Everything = 0, Fault = fault }
            : await ReadAsync(jobs, view, filter, view.Now, whole: true, ct);
        model = model with
        {
            Views = await request.Service<IViews>().ListViewsAsync(view.Namespace, ct),
            Done = BulkWords.Told(request.Query("did")),
        };
        return ConsolePage.Of<JobsPage>(view, model, model.Fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        if (JobFilter.Parse(request.Query, out _) is not { } filter) return null;
        var (jobs, view, time) = (request.Jobs, request.View, request.Service<TimeProvider>());
        var key = new Links("", null).To("jobs", filter.Pairs());
        return (key, () => new LiveQuestion(async ct => (await ReadAsync(jobs, view, filter, time.GetUtcNow(), whole: false, ct)).Live()));
    }

    /// <summary>What could be written next in the search, for the page's script.</summary>
    public static async Task<IResult> CompleteAsync(ConsoleRequest request)
    {
        var text = request.Query("q") ?? "";
        var at = int.TryParse(request.Query("at"), NumberStyles.None, CultureInfo.InvariantCulture, out var caret) ? caret : text.Length;
        var found = await request.Service<IJobSearch>().CompleteAsync(request.View.Namespace, text, at, request.Aborted);
        return Results.Json<IReadOnlyList<Suggestion>>([.. found.Select(each => new Suggestion(each.Text + Sign(each, text), each.From, each.To, each.IsField))], LinesJson.Default.IReadOnlyListSuggestion);
    }

    /// <summary>What usually follows a field, unless something does.</summary>
    private static string Sign(Completion completion, string text) =>
        !completion.IsField || (completion.To < text.Length && ":=<>".Contains(text[completion.To], StringComparison.Ordinal)) ? ""
        : FilterFields.Times.ContainsKey(completion.Text) ? "<"
        : FilterFields.Spans.ContainsKey(completion.Text) ? ">"
        : ":";

    /// <param name="whole">With what stands above the list: what a search finds in each state, and when. For a page that is built, not every second while it is open.</param>
    private static async Task<JobsModel> ReadAsync(IJobs jobs, ConsoleView view, JobFilter filter, DateTimeOffset now, bool whole, CancellationToken ct)
    {
        var query = filter.Query(view.Namespace);
        // None of them needs another's answer.
        var counting = jobs.CountsAsync(view.Namespace, ct);
        var listing = jobs.ListAsync(query, ct);
        var finding = whole && !filter.IsCounted ? JobSample.ReadAsync(jobs, query with { States = [] }, ct) : null;
        var charting = whole && (finding is null || query.States.Count > 0) ? JobSample.ReadAsync(jobs, query, ct) : finding;
        var (counts, page) = (await counting, await listing);
        var found = finding is null ? null : await finding;
        var charted = charting is null ? null : await charting;
        string Link(JobFilter to) => view.Links.To("jobs", to.Pairs());
        return new JobsModel
        {
            Filter = filter,
            Histogram = charted is null || page.Rows.Count == 0 ? null : JobHistogram.Of(charted, now),
            Tabs = [.. Tabs(filter, state => found is null ? (filter.Count(counts, state), false) : (Count(found, state), !found.Complete), Link)],
            Chips = [.. Chips(filter, Link)],
            Lines = [.. page.Rows.Select(job => new JobLine(job, now, view.Links.Job(job.Row.Id)))],
            Newer = filter.Cursor is null ? null : Link(filter.Newer()),
            Older = page.Next is { } next ? Link(filter.Older(new JobSpot(next, page.NextKey))) : null,
            Complete = page.Exhausted,
            Fault = page.Refusal is { } tooWide ? new JobFault(tooWide.Detail, null) : null,
            Everything = counts.Sum(count => count.Count),
            Sample = FirstLines.Job(view),
        };
    }

    private static long Count(JobSample found, JobState? state) => found.Rows.Count(row => state is null || row.State == state);

    private static IEnumerable<JobTab> Tabs(JobFilter filter, Func<JobState?, (long? Count, bool AtLeast)> count, Func<JobFilter, string> link)
    {
        var top = filter.FromTheTop();
        yield return Tab("all", null);
        foreach (var state in JobStates.All) yield return Tab(state.Word, state);

        JobTab Tab(string word, JobState? state)
        {
            var (known, atLeast) = count(state);
            return new JobTab(word, link(top with { State = state }), known, filter.State == state, atLeast);
        }
    }

    private static IEnumerable<JobChip> Chips(JobFilter filter, Func<JobFilter, string> link)
    {
        var top = filter.FromTheTop();
        if (filter.Parts is { } search)
        {
            foreach (var part in search.Conjuncts)
            {
                var others = Filter.All(search.Conjuncts.Where(other => !ReferenceEquals(other, part))).ToString();
                yield return new JobChip("search", part.ToString(), link(top with { Q = others.Length == 0 ? null : others }));
            }
        }
        if (filter.Task is { } task) yield return new JobChip("task", task, link(top with { Task = null }));
        if (filter.Queue is { } queue) yield return new JobChip("queue", queue, link(top with { Queue = null }));
        if (filter.Tag is { } tag) yield return new JobChip("tag", tag, link(top with { Tag = null }));
    }
}

/// <summary>Text that may stand in place of the characters from <paramref name="From"/> up to <paramref name="To"/> of the search.</summary>
internal sealed record Suggestion(string Text, int From, int To, bool IsField);
