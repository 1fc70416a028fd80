using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Deliveries: written with the move that they tell of, shown in order, kept for a while.</content>
public abstract partial class JobStoreConformance
{
    private IWebhookStore Hooks => _storage.Webhooks;

    [Fact]
    public async Task A_job_with_a_callback_has_a_delivery_as_soon_as_it_is_final_and_not_before()
    {
        await SubmitAsync(Row() with { Callback = "https://a.example/hook" });
        var run = Assert.Single((await ClaimAsync(1)).Taken);
        Assert.Empty(await Hooks.DeliveriesOfAsync(Namespace.Default, run.Row.Id, default));
        var told = 0;
        Hooks.Arrived += () => Interlocked.Increment(ref told);
        await ChangeAsync(run, new JobCommand.Finish(run.Row.Run!.Value, false), "1");
        var delivery = Assert.Single(await Hooks.DeliveriesOfAsync(Namespace.Default, run.Row.Id, default));
        Assert.Equal(
            ("job.succeeded", "callback", "https://a.example/hook", "a.example:443", DeliveryState.Pending, 0, run.Row.Seq, (JobId?)run.Row.Id, "noop", "default"),
            (delivery.Type, delivery.Webhook, delivery.Url, delivery.Host, delivery.State, delivery.Attempts, delivery.JobSeq, delivery.Job, delivery.Task, delivery.Queue));
        Assert.Equal(1, told);
        Assert.Empty(await Hooks.DeliveriesOfAsync(Other, run.Row.Id, default));
        await CleanAsync();
    }

    [Fact]
    public async Task Every_end_is_told_and_a_refused_report_is_not()
    {
        await SubmitAsync(Row() with { Callback = "https://a.example/cancel" });
        var run = Assert.Single((await ClaimAsync(1)).Taken);
        await ChangeAsync(run, new JobCommand.Finish(run.Row.Run!.Value with { Lease = Guid.NewGuid() }, false), "1");
        Assert.Empty(await Hooks.DeliveriesOfAsync(Namespace.Default, run.Row.Id, default));
        await ChangeAsync(run.Row.Id, new JobCommand.Cancel());
        await ChangeAsync(run.Row.Id, new JobCommand.Stop(run.Row.Run!.Value));
        Assert.Equal(["job.cancelled"], (await Hooks.DeliveriesOfAsync(Namespace.Default, run.Row.Id, default)).Select(delivery => delivery.Type));
        var late = Row() with { Callback = "https://a.example/late", ExpiresAt = _time.GetUtcNow().AddSeconds(1) };
        await SubmitAsync(late);
        _time.Advance(TimeSpan.FromSeconds(2));
        await PostAsync(new JobWrite.Sweep(10));
        Assert.Equal(["job.expired"], (await Hooks.DeliveriesOfAsync(Namespace.Default, late.Id, default)).Select(delivery => delivery.Type));
        await CleanAsync();
    }

    [Fact]
    public async Task A_webhook_is_told_what_it_asks_for_in_its_namespace()
    {
        await PutHookAsync("all", "");
        await PutHookAsync("mail", "queue:mail", JobState.Cancelled);
        await PutHookAsync("elsewhere", "", Other);
        await PutHookAsync("args", "args.customer.id:42 (queue:mail or queue:slow)");
        var (noop, mail) = (Row(), Row() with { Queue = "mail" });
        foreach (var row in new[] { noop, mail })
        {
            await SubmitAsync(row, """{"customer": {"id": 42}}""");
            await ChangeAsync(row.Id, new JobCommand.Cancel());
        }
        Assert.Equal(["all"], (await Hooks.DeliveriesOfAsync(Namespace.Default, noop.Id, default)).Select(delivery => delivery.Webhook));
        Assert.Equal(["all", "args", "mail"], (await Hooks.DeliveriesOfAsync(Namespace.Default, mail.Id, default)).Select(delivery => delivery.Webhook).Order());
        Assert.Equal(["all", "args", "mail"], (await Hooks.ListAsync(Namespace.Default, default)).Select(row => row.Name));
        Assert.Equal(["elsewhere"], (await Hooks.ListAsync(Other, default)).Select(row => row.Name));
        Assert.True(await Hooks.DeleteAsync(Namespace.Default, "all", default));
        Assert.False(await Hooks.DeleteAsync(Namespace.Default, "all", default));
        Assert.Equal(["args", "mail"], (await Hooks.DeliveriesOfAsync(Namespace.Default, mail.Id, default)).Select(delivery => delivery.Webhook).Order());
        await CleanAsync();
    }

    [Fact]
    public async Task A_webhook_is_read_back_whole_and_its_pending_deliveries_follow_its_address()
    {
        var row = await PutHookAsync("w", "tag:a -tag:b", JobState.Retrying, JobState.Failed);
        var read = await Hooks.ReadAsync(Namespace.Default, "w", default);
        Assert.Equal(row with { Events = [], Secrets = [] }, read! with { Events = [], Secrets = [] });
        Assert.Equal(row.Events, read.Events);
        Assert.Equal(row.Secrets, read.Secrets);
        Assert.Null(await Hooks.ReadAsync(Other, "w", default));
        Assert.Equal(row.Version, (await Hooks.ChangeAsync(Namespace.Default, "w", (_, count) => count == 1 ? null : throw new InvalidOperationException(), default))!.Version);
        await Hooks.AddAsync(DeliveryRules.Test(row, Guid.NewGuid(), _time.GetUtcNow()), default);
        await Hooks.ChangeAsync(Namespace.Default, "w", (before, _) => before! with { Url = "https://new.example/" }, default);
        Assert.Equal("https://new.example/", Assert.Single((await DueAsync()).Items).Url);
        await CleanAsync();
    }

    [Fact]
    public async Task Only_the_first_pending_delivery_of_a_job_is_shown_to_the_sender()
    {
        await PutHookAsync("w", "", JobState.Cancelling, JobState.Cancelled);
        var run = await RunningAsync();
        await ChangeAsync(run.Row.Id, new JobCommand.Cancel());
        await ChangeAsync(run.Row.Id, new JobCommand.Stop(run.Row.Run!.Value));
        var first = Assert.Single((await DueAsync()).Items);
        Assert.Equal("job.cancelling", first.Type);
        var later = DeliveryRules.Decide(first, new DeliveryAnswer(500, "no"), _time.GetUtcNow(), 1);
        await Hooks.WriteAsync(later, default);
        await Hooks.WriteAsync(later, default);            // said twice, written once
        var due = await DueAsync();
        Assert.Empty(due.Items);
        Assert.Equal(later.After.DueAt, due.NextDue);
        _time.Advance(TimeSpan.FromSeconds(6));
        var again = Assert.Single((await DueAsync()).Items);
        Assert.Equal((1, 500, "no"), (again.Attempts, again.Status, again.Response));
        Assert.Empty((await Hooks.ReadDueAsync(_time.GetUtcNow(), [again.Host], 10, default)).Items);
        await Hooks.WriteAsync(DeliveryRules.Decide(again, new DeliveryAnswer(200), _time.GetUtcNow(), 1), default);
        Assert.Equal("job.cancelled", Assert.Single((await DueAsync()).Items).Type);
        await CleanAsync();
    }

    [Fact]
    public async Task A_delivery_is_sent_again_when_somebody_asks()
    {
        await PutHookAsync("w", "");
        var row = Row();
        await SubmitAsync(row);
        await ChangeAsync(row.Id, new JobCommand.Cancel());
        var delivery = Assert.Single((await DueAsync()).Items);
        await Hooks.WriteAsync(DeliveryRules.Decide(delivery, new DeliveryAnswer(204), _time.GetUtcNow(), 1), default);
        Assert.Empty((await DueAsync()).Items);
        Assert.Null(await Hooks.RedeliverAsync(Other, "w", delivery.Id, _time.GetUtcNow(), default));
        Assert.Null(await Hooks.RedeliverAsync(Namespace.Default, "callback", delivery.Id, _time.GetUtcNow(), default));
        var again = await Hooks.RedeliverAsync(Namespace.Default, "w", delivery.Id, _time.GetUtcNow(), default);
        Assert.Equal((DeliveryState.Pending, 0, delivery.Id), (again!.State, again.Attempts, again.Id));
        Assert.Equal(delivery.Id, Assert.Single((await DueAsync()).Items).Id);
        await CleanAsync();
    }

    [Fact]
    public async Task A_receiver_that_is_gone_ends_all_that_waits_for_it()
    {
        await PutHookAsync("w", "");
        foreach (var row in new[] { Row(), Row() })
        {
            await SubmitAsync(row);
            await ChangeAsync(row.Id, new JobCommand.Cancel());
        }
        var due = (await DueAsync()).Items;
        await Hooks.WriteAsync(DeliveryRules.Decide(due[0], new DeliveryAnswer(410), _time.GetUtcNow(), 1), default);
        Assert.True((await Hooks.ReadAsync(Namespace.Default, "w", default))!.Gone);
        Assert.All((await Hooks.ListDeliveriesAsync(Namespace.Default, "w", null, 10, default)).Items, delivery => Assert.Equal(DeliveryState.Failed, delivery.State));
        await CleanAsync();
    }

    [Fact]
    public async Task Deliveries_come_in_pages_newest_first()
    {
        var row = await PutHookAsync("w", "");
        for (var i = 0; i < 5; i++) await Hooks.AddAsync(DeliveryRules.Test(row, Guid.NewGuid(), _time.GetUtcNow()), default);
        var seqs = new List<long>();
        for (long? before = null; ;)
        {
            var page = await Hooks.ListDeliveriesAsync(Namespace.Default, "w", before, 2, default);
            seqs.AddRange(page.Items.Select(delivery => delivery.Seq));
            if (page.Next is null) break;
            before = page.Next;
        }
        Assert.Equal(5, seqs.Count);
        Assert.Equal(seqs.OrderDescending(), seqs);
    }

    [Fact]
    public async Task Ended_deliveries_are_kept_for_their_time_and_a_job_that_is_to_be_told_of_is_kept_with_them()
    {
        var told = Row() with { Callback = "https://a.example/" };
        var owed = Row() with { Callback = "https://b.example/" };
        foreach (var row in new[] { told, owed, Row() })
        {
            await SubmitAsync(row);
            await ChangeAsync(row.Id, new JobCommand.Cancel());
        }
        var delivery = Assert.Single((await Hooks.ReadDueAsync(_time.GetUtcNow(), ["b.example:443"], 10, default)).Items);
        await Hooks.WriteAsync(DeliveryRules.Decide(delivery, new DeliveryAnswer(200), _time.GetUtcNow(), 1), default);
        _time.Advance(TimeSpan.FromDays(31));
        var rules = new RetentionRules(new RetentionOptions(), _ => null, _ => null, []);
        await PostAsync(new JobWrite.Prune(rules, 1_000));
        Assert.Null(await ReadAsync(told.Id));
        Assert.NotNull(await ReadAsync(owed.Id));
        Assert.Empty(await Hooks.DeliveriesOfAsync(Namespace.Default, told.Id, default));
        Assert.Single(await Hooks.DeliveriesOfAsync(Namespace.Default, owed.Id, default));
        await CleanAsync();
    }

    [Fact]
    public async Task An_atomic_batch_that_does_not_take_place_tells_nobody()
    {
        var holder = Unique("k") with { Callback = "https://a.example/" };
        await SubmitAsync(holder);
        var taken = Row();
        await SubmitAsync(taken);
        var write = new JobWrite.Submit([New(Unique("k", UniquePolicy.Replace)), New(taken with { Digest = Guid.NewGuid() })], atomic: true);
        await PostAsync(write);
        Assert.All(write.Outcomes, outcome => Assert.IsType<SubmitOutcome.Refused>(outcome));
        Assert.Empty(await Hooks.DeliveriesOfAsync(Namespace.Default, holder.Id, default));
        await CleanAsync();
    }

    private ValueTask<DueDeliveries> DueAsync() => Hooks.ReadDueAsync(_time.GetUtcNow(), [], 100, default);

    private async Task<WebhookRow> PutHookAsync(string name, string query, params JobState[] events) => await PutHookAsync(name, query, Namespace.Default, events);

    private async Task<WebhookRow> PutHookAsync(string name, string query, Namespace ns, params JobState[] events)
    {
        var definition = new WebhookDefinition { Url = $"https://{name}.example/", Query = query, Events = events.Length == 0 ? WebhookEvents.Default : events };
        return (await Hooks.ChangeAsync(ns, name, (before, _) => WebhookRules.Put(before, ns, name, definition, WebhookSecret.Generate(), _time.GetUtcNow()), default))!;
    }
}
