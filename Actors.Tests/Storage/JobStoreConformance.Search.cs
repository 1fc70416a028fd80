using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using ActorPerf.Tests.Jobs.Search;

namespace ActorPerf.Tests.Storage;

public abstract partial class JobStoreConformance
{
    private static readonly HashSet<(string, string)> CustomerId = [("report", "customer.id")];

    [Fact]
    public async Task A_search_finds_what_matches_and_nothing_else()
    {
        var jobs = await ScatterAsync(new Random(11), 120);
        for (var seed = 0; seed < FullRun.Of(300, 100); seed++)
        {
            var filter = new RandomFilter(new Random(seed)).Next(depth: 2);
            var wanted = jobs.Where(job => filter.Matches(job.Row, job.Args, _time.GetUtcNow(), CustomerId)).Select(job => job.Row.Id).Reverse();
            var query = new JobQuery { Namespace = Namespace.Default, Filter = filter, Limit = 7, Hidden = CustomerId };
            Assert.True(wanted.SequenceEqual(await PagesAsync(query)), $"seed {seed}: {filter}");
            Assert.Equal(wanted.Count(), (await Store.CountMatchingAsync(query, default)).Matched);
        }
    }

    [Fact]
    public async Task Every_order_lists_every_match_once()
    {
        var jobs = await ScatterAsync(new Random(5), 60);
        foreach (var field in Enum.GetValues<SortField>())
        {
            foreach (var descending in new[] { true, false })
            {
                var sort = new JobSort(field, descending);
                var wanted = jobs.Where(job => job.Row.Task == "report")
                    .Order(Comparer<Job>.Create((a, b) => JobPlace.Compare(Place(a), Place(b), sort))).Select(job => job.Row.Id);
                Assert.Equal(wanted, await SortedAsync(new JobQuery { Namespace = Namespace.Default, Task = "report", Sort = sort, Limit = 7 }));

                JobPlace Place(Job job) => new(sort.KeyOf(job.Row, _time.GetUtcNow()), job.Row.Seq);
            }
        }
    }

    [Fact]
    public async Task An_indexed_argument_is_found_with_what_else_is_asked()
    {
        var jobs = await ScatterAsync(new Random(3), 80);
        foreach (var text in new[] { "task:report args.customer.id:42", "task:report args.customer.id:42 tag:ab", "task:report tag:ab state:failed args.customer.id:42", "task:report -args.customer.id:42" })
        {
            Assert.True(FilterText.TryParse(text, out var filter, out _));
            var wanted = jobs.Where(job => filter.Matches(job.Row, job.Args, _time.GetUtcNow(), new HashSet<(string, string)>())).Select(job => job.Row.Id).Reverse();
            Assert.Equal(wanted, await PagesAsync(new JobQuery { Namespace = Namespace.Default, Filter = filter, Limit = 3, Indexed = CustomerId }));
        }
        await CleanAsync();
    }

    [Fact]
    public async Task Indexed_arguments_go_with_their_job()
    {
        var row = Row() with { Task = "report" };
        var last = Row();
        await PostAsync(new JobWrite.Submit([Reported(row, """{"customer":{"id":42}}"""), New(last)]));
        await ChangeAsync(row.Id, new JobCommand.Cancel());
        var delete = new JobWrite.Delete(Namespace.Default, row.Id);
        await PostAsync(delete);
        Assert.NotNull(delete.Deleted);
        Assert.Empty(await PagesAsync(new JobQuery { Namespace = Namespace.Default, Task = "report", Filter = new JobFilter.Argument("customer.id", "42", false), Indexed = CustomerId }));
        await CleanAsync();
    }

    [Fact]
    public async Task An_argument_that_comes_with_a_parents_result_is_indexed_when_it_is_there()
    {
        var parent = await AcceptedAsync();
        var (early, late, both) = (Row() with { Task = "report" }, Row() with { Task = "report" }, Row() with { Task = "report" });
        await PostAsync(new JobWrite.Submit([Open(early)]));
        Assert.Empty(await FoundAsync("42"));
        Assert.Equal([early.Id], await FoundAsync("7"));
        await EndAsync(parent, "[42]");
        Assert.Equal([early.Id], await FoundAsync("42"));
        await PostAsync(new JobWrite.Submit([Open(late)]));
        Assert.Equal([late.Id, early.Id], await FoundAsync("42"));
        Assert.Equal([late.Id, early.Id], await FoundAsync("7"));

        // One that never gets them leaves nothing behind.
        parent = await AcceptedAsync();
        await PostAsync(new JobWrite.Submit([Open(both)]));
        await ChangeAsync(both.Id, new JobCommand.Cancel());
        await PostAsync(new JobWrite.Delete(Namespace.Default, both.Id));
        await CleanAsync();

        NewJob Open(JobRow row) => New(row, $$"""{"customer": [{"id": {"$result": "{{parent}}", "path": "0"} }, {"id": 7}]}""") with
        {
            DependsOn = [new(parent, DependsOn.Succeeded)], Terms = [new("customer.id", "7")], OpenTerms = ["customer.id"],
        };

        Task<List<JobId>> FoundAsync(string text) => PagesAsync(new JobQuery { Namespace = Namespace.Default, Filter = new JobFilter.And([new JobFilter.Named(NameField.Task, "report", false), new JobFilter.Argument("customer.id", text, false)]), Limit = 7, Indexed = CustomerId });
    }

    [Fact]
    public async Task Tags_are_listed_by_what_they_begin_with()
    {
        foreach (var tags in new string[][] { ["nightly", "a"], ["night"], ["nightly"] }) await SubmitAsync(Row() with { Tags = tags });
        Assert.Equal(["night", "nightly"], await Store.ListTagsAsync(Namespace.Default, "ni", 10, default));
        Assert.Equal(["a"], await Store.ListTagsAsync(Namespace.Default, "", 1, default));
        Assert.Empty(await Store.ListTagsAsync(Other, "", 10, default));
    }

    [Fact]
    public async Task A_search_stops_after_the_rows_it_may_look_at_and_goes_on_from_there()
    {
        var wanted = Row() with { Task = "rare" };
        await SubmitAsync(wanted);
        for (var i = 0; i < 11; i++) await SubmitAsync(Row());
        var query = new JobQuery { Namespace = Namespace.Default, Task = "rare", Look = 5 };
        var first = await Store.ListAsync(query, default);
        Assert.Equal((0, false), (first.Rows.Count, first.Exhausted));
        var second = await Store.ListAsync(query with { Before = first.Next }, default);
        Assert.Equal((0, false), (second.Rows.Count, second.Exhausted));
        var last = await Store.ListAsync(query with { Before = second.Next }, default);
        Assert.Equal((wanted.Id, true, null), (Assert.Single(last.Rows).Row.Id, last.Exhausted, last.Next));
    }

    [Fact]
    public async Task Children_are_found_by_their_parent_however_many_jobs_there_are()
    {
        var parent = await RunningAsync();
        var (one, two) = (New(Row()), New(Row()));
        await PostAsync(new JobWrite.Change(parent, new JobCommand.Park(parent.Row.Run!.Value)) { Children = [one, two] });
        for (var i = 0; i < 10; i++) await SubmitAsync(Row());
        var query = new JobQuery { Namespace = Namespace.Default, Filter = new JobFilter.HasParent(parent.Row.Id), Look = HasIndexes ? 2 : 100 };
        var page = await Store.ListAsync(query, default);
        Assert.Equal([two.Row.Id, one.Row.Id], page.Rows.Select(job => job.Row.Id));
        Assert.Equal((true, null), (page.Exhausted, page.Next));
        Assert.Empty(await PagesAsync(query with { Namespace = Other }));
        Assert.Empty(await PagesAsync(query with { Filter = new JobFilter.HasParent(one.Row.Id) }));
        await CleanAsync();
    }

    /// <summary>Jobs of many shapes in many states, oldest first.</summary>
    private async Task<List<Job>> ScatterAsync(Random random, int count)
    {
        string[] texts = ["a", "ab", "b c", "x\"y", "star*", "ü", "42", "timed out"];
        for (var i = 0; i < count; i++)
        {
            var row = Row() with
            {
                Task = random.Next(2) == 0 ? "report" : "a", Priority = random.Next(10), Tags = [.. texts.Where(_ => random.Next(4) == 0)],
                LimitKey = random.Next(3) == 0 ? texts[random.Next(texts.Length)] : null, Schedule = random.Next(3) == 0 ? texts[random.Next(texts.Length)] : null,
                RunAt = random.Next(5) == 0 ? _time.GetUtcNow().AddHours(random.Next(1, 3)) : default,
            };
            var args = random.Next(3) switch
            {
                0 => """{"n":42,"customer":{"id":42}}""",
                1 => """{"n":"a","customer":{"id":"ab"},"tags":["a","b c"]}""",
                _ => """{"deep":{"er":{"still":100}}}""",
            };
            await PostAsync(new JobWrite.Submit([Reported(row, args)]));
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(3_000)));
            if (random.Next(2) == 0) await EndOneAsync(random);
        }
        var all = new List<Job>();
        foreach (var id in await PagesAsync(new JobQuery { Namespace = Namespace.Default, Limit = 100 })) all.Add((await ReadAsync(id))!);
        all.Reverse();
        return all;
    }

    private async Task EndOneAsync(Random random)
    {
        if ((await ClaimAsync(1)).Taken is not [var job]) return;
        _time.Advance(TimeSpan.FromMilliseconds(random.Next(3_000)));
        var run = job.Row.Run!.Value;
        switch (random.Next(4))
        {
            case 0: await ChangeAsync(job, new JobCommand.Finish(run, false), "1"); break;
            case 1: await ChangeAsync(job, new JobCommand.Fail(run, new TaskError("Ab", "It Timed out", Retryable: false), 0.5), null); break;
            case 2: await ChangeAsync(job, new JobCommand.Fail(run, new TaskError("timeout", "x\"y"), 0.5), null); break;
            default: break;        // runs on
        }
    }

    private static NewJob Reported(JobRow row, string args) => New(row, args) with
    {
        Terms = row.Task == "report" ? [.. ArgumentValues.Of(Encoding.UTF8.GetBytes(args), "customer.id").Select(value => new KeyValuePair<string, string>("customer.id", value))] : [],
    };

    private async Task<List<JobId>> SortedAsync(JobQuery query)
    {
        var ids = new List<JobId>();
        for (var page = await Store.ListAsync(query, default); ; page = await Store.ListAsync(query with { Before = page.Next, BeforeKey = page.NextKey }, default))
        {
            Assert.Null(page.Refusal);
            ids.AddRange(page.Rows.Select(job => job.Row.Id));
            if (page.Next is null) return ids;
        }
    }
}
