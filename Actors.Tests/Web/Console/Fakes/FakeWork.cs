using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Search;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>The doors around jobs: operations, views, workflows, schedules, webhooks, each over lists or the store in memory.</summary>
internal static class FakeWork
{
    public static IServiceCollection AddFakeWork(this IServiceCollection services)
    {
        services.AddSingleton<FakeOperations>().AddSingleton<IOperations>(static provider => provider.GetRequiredService<FakeOperations>());
        services.AddSingleton<FakeSearch>().AddSingleton<IJobSearch>(static provider => provider.GetRequiredService<FakeSearch>());
        services.AddSingleton<FakeWorkflows>().AddSingleton<IWorkflows>(static provider => provider.GetRequiredService<FakeWorkflows>());
        services.AddSingleton<FakeSchedules>().AddSingleton<ISchedules>(static provider => provider.GetRequiredService<FakeSchedules>());
        services.AddSingleton<FakeWebhooks>().AddSingleton<IWebhooks>(static provider => provider.GetRequiredService<FakeWebhooks>());
        services.AddSingleton<IViews>(static _ => new MemoryStorage(TimeProvider.System, new Random(1)).Operators);
        return services;
    }

    /// <summary>Something of everything.</summary>
    public static void Fill(ConsoleHost host, string text = "nightly")
    {
        var services = host.Services;
        var id = new WorkflowId(Sample.Id(900).Value);
        var row = new WorkflowRow(1, id, Namespace.Default, text, OnFailure.Continue, FakeJobs.Noon.AddMinutes(-3), null)
        {
            Counts = new Dictionary<JobState, int> { [JobState.Succeeded] = 1, [JobState.Failed] = 1, [JobState.Cancelled] = 1 },
        };
        services.GetRequiredService<FakeWorkflows>().All.Add(new WorkflowView(row,
        [
            Member("first", 7), Member("second", 9, 7), Member("third", 10, 7, 9),
        ]));
        var schedules = services.GetRequiredService<FakeSchedules>();
        schedules.All.Add(Schedule("hourly", text));
        schedules.Ticks.AddRange(
        [
            new(FakeJobs.Noon.AddHours(-1), ScheduleOutcome.Submitted, Sample.Id(7), null, FakeJobs.Noon.AddHours(-1)), new(FakeJobs.Noon.AddHours(-2), ScheduleOutcome.Skipped, null, text, FakeJobs.Noon.AddHours(-2)),
            new(FakeJobs.Noon.AddHours(-3), ScheduleOutcome.Refused, null, text, FakeJobs.Noon.AddHours(-3)), new(FakeJobs.Noon.AddHours(-4), ScheduleOutcome.Submitted, Sample.Id(999), null, FakeJobs.Noon.AddHours(-4)),
        ]);
        var webhooks = services.GetRequiredService<FakeWebhooks>();
        webhooks.All.Add(new Webhook(Namespace.Default, "billing", "https://hooks.example.com/" + text, "", WebhookEvents.Default, false, false, FakeJobs.Noon.AddHours(3), FakeJobs.Noon.AddDays(-3), FakeJobs.Noon.AddDays(-1), 2));
        foreach (var state in Enum.GetValues<DeliveryState>())
        {
            webhooks.Sent.Add(new Delivery
            {
                Id = Sample.Id(800 + (int)state).Value, Namespace = Namespace.Default, Webhook = "billing", Url = "https://hooks.example.com/", Job = Sample.Id(9), Task = text, Event = JobState.Failed, At = FakeJobs.Noon.AddMinutes(-9),
                State = state, Attempts = 2, DueAt = FakeJobs.Noon.AddMinutes(1), Status = state == DeliveryState.Failed ? 500 : 204, Response = text, Error = text, EndedAt = state == DeliveryState.Pending ? null : FakeJobs.Noon,
            });
        }
        services.GetRequiredService<FakeOperations>().All.Add(FakeOperations.Of(OperationAction.Cancel, "task:report", JobState.Running, new OperationCounts(1240, 500, 3, 1), 950));
    }

    public static Schedule Schedule(string name, string text) => new()
    {
        Namespace = Namespace.Default, Name = name, IsStored = true, Words = "Every hour, UTC", Next = FakeJobs.Noon.AddMinutes(30), Error = text, CreatedAt = FakeJobs.Noon.AddDays(-9), UpdatedAt = FakeJobs.Noon.AddDays(-2), Version = 3,
        Definition = new ScheduleDefinition { Cron = "30 * * * *", Task = "report", Args = Encoding.UTF8.GetBytes(System.Text.Json.Nodes.JsonValue.Create(text).ToJsonString()), Tags = [text], Queue = "slow", Jitter = TimeSpan.FromSeconds(5) },
    };

    public static WorkflowMember Member(string name, long seq, params long[] parents) => new(
        name, Sample.Job("report", seq == 7 ? JobState.Succeeded : seq == 9 ? JobState.Failed : JobState.Cancelled, seq) with { DependsOn = [.. parents.Select(parent => new JobDependency(Sample.Id(parent), parent == 9 ? DependsOn.Finished : DependsOn.Succeeded))] }, default, seq == 7);
}

internal sealed class FakeSearch(IJobs jobs) : IJobSearch
{
    public IReadOnlyList<Completion> Completions { get; set; } = [new("state", 0, 2, true), new("started", 0, 2, true)];

    public async ValueTask<long> CountAsync(JobQuery query, CancellationToken ct) => (await jobs.ListAsync(query with { Limit = int.MaxValue, Before = null }, ct)).Rows.Count;

    public ValueTask<IReadOnlyList<Completion>> CompleteAsync(Namespace ns, string text, int at, CancellationToken ct) => new(Completions);
}

internal sealed class FakeOperations(IJobSearch search) : IOperations
{
    public List<Operation> All { get; } = [];
    public List<JobId> Cancelled { get; } = [];

    public static Operation Of(OperationAction action, string q, JobState state, OperationCounts? counts, long seq) =>
        new(Sample.Job(OperationTask.Name, state, seq) with { Progress = counts is null ? null : new ProgressReport(40.5, null, FakeJobs.Noon) }, action, q, counts);

    public async ValueTask<OperationReply> CountAsync(Namespace ns, string q, CancellationToken ct) => !FilterText.TryParse(q, out var filter, out var fault)
        ? new OperationReply.Refused(SearchRefusals.Unreadable(fault!))
        : new OperationReply.Counted(q, await search.CountAsync(new JobQuery { Namespace = ns, Filter = filter }, ct));

    public ValueTask<OperationReply> StartAsync(Namespace ns, OperationAction action, string q, CancellationToken ct)
    {
        if (!FilterText.TryParse(q, out _, out var fault)) return new(new OperationReply.Refused(SearchRefusals.Unreadable(fault!)));
        All.Add(Of(action, q, JobState.Queued, null, 960 + All.Count));
        return new(new OperationReply.Started(All[^1]));
    }

    public ValueTask<Operation?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => new(All.FirstOrDefault(each => each.Job.Row.Id == id));

    public ValueTask<OperationPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct) => new(new OperationPage([.. All.Where(each => before is null || each.Job.Row.Seq < before)], null));

    public async ValueTask<OperationReply?> CancelAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        Cancelled.Add(id);
        return await GetAsync(ns, id, ct) is { } operation ? new OperationReply.Stopping(operation) : null;
    }
}

internal sealed class FakeWorkflows : IWorkflows
{
    public List<WorkflowView> All { get; } = [];
    public List<string> Acts { get; } = [];

    public ValueTask<WorkflowOutcome> SubmitAsync(WorkflowSubmission submission, CancellationToken ct) => throw new NotSupportedException("No page submits a workflow.");

    public ValueTask<WorkflowView?> GetAsync(Namespace ns, WorkflowId id, CancellationToken ct) => new(All.FirstOrDefault(each => each.Row.Id == id && each.Row.Namespace == ns));

    public ValueTask<WorkflowPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct)
    {
        var rows = All.Select(each => each.Row).Where(row => row.Namespace == ns && (before is null || row.Seq < before)).OrderByDescending(row => row.Seq).ToList();
        return new(new WorkflowPage([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Seq : null));
    }

    public ValueTask<WorkflowOutcome?> CancelAsync(Namespace ns, WorkflowId id, CancellationToken ct) => DoAsync("cancel", ns, id);

    public ValueTask<WorkflowOutcome?> RerunAsync(Namespace ns, WorkflowId id, string? idempotencyKey, CancellationToken ct) => DoAsync("rerun", ns, id);

    private async ValueTask<WorkflowOutcome?> DoAsync(string act, Namespace ns, WorkflowId id)
    {
        if (await GetAsync(ns, id, default) is not { } workflow) return null;
        Acts.Add(act);
        return new WorkflowOutcome.Done(workflow);
    }
}

internal sealed class FakeSchedules : ISchedules
{
    public List<Schedule> All { get; } = [];
    public List<ScheduleTick> Ticks { get; } = [];
    public List<(string Act, string Name)> Acts { get; } = [];
    public List<ScheduleDefinition> Put { get; } = [];

    public ValueTask<IReadOnlyList<Schedule>> ListAsync(Namespace ns, string? after, int limit, CancellationToken ct) =>
        new([.. All.Where(each => each.Namespace == ns && (after is null || string.CompareOrdinal(each.Name, after) > 0)).OrderBy(each => each.Name, StringComparer.Ordinal).Take(limit)]);

    public ValueTask<Schedule?> GetAsync(Namespace ns, string name, CancellationToken ct) => new(All.FirstOrDefault(each => each.Name == name && each.Namespace == ns));

    public ValueTask<ScheduleReply> PutAsync(Namespace ns, string name, ScheduleDefinition definition, CancellationToken ct)
    {
        if (ScheduleCheck.Faults(definition) is { Count: > 0 } faults) return new(new ScheduleReply.Refused(Refusal.Invalid("invalid-request", faults[0].Message, faults)));
        Put.Add(definition);
        Acts.Add(("put", name));
        return new(new ScheduleReply.Done(FakeWork.Schedule(name, "x") with { Definition = definition }, true));
    }

    public ValueTask<ScheduleReply?> PauseAsync(Namespace ns, string name, bool paused, CancellationToken ct) => DoAsync(paused ? "pause" : "resume", name);

    public ValueTask<ScheduleReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct) => DoAsync("delete", name);

    public ValueTask<SubmitOutcome?> TriggerAsync(Namespace ns, string name, CancellationToken ct)
    {
        Acts.Add(("trigger", name));
        return new(All.Any(each => each.Name == name) ? new SubmitOutcome.Accepted(Sample.Job("report", JobState.Queued, 7)) : null);
    }

    public ValueTask<IReadOnlyList<ScheduleTick>?> HistoryAsync(Namespace ns, string name, CancellationToken ct) => new(Ticks);

    public PreviewReply Preview(string cron, string timeZone, int count) => CronExpression.TryParse(cron, out var read, out var fault) && TimeZones.TryFind(timeZone, out var zone, out fault)
        ? new PreviewReply.Done(CronWords.Of(read, zone), [FakeJobs.Noon])
        : new PreviewReply.Refused(Refusal.Invalid("invalid-request", fault ?? "", new FieldFault("/cron", fault ?? "")));

    private ValueTask<ScheduleReply?> DoAsync(string act, string name)
    {
        if (All.FirstOrDefault(each => each.Name == name) is not { } schedule) return new((ScheduleReply?)null);
        Acts.Add((act, name));
        return new(new ScheduleReply.Done(schedule, false));
    }
}

internal sealed class FakeWebhooks : IWebhooks
{
    public const string MadeSecret = "whsec_bWFkZSBmb3IgdGhlIHRlc3Q=";

    public List<Webhook> All { get; } = [];
    public List<Delivery> Sent { get; set; } = [];
    public List<(string Act, string What)> Acts { get; } = [];

    public ValueTask<IReadOnlyList<Webhook>> ListAsync(Namespace ns, CancellationToken ct) => new([.. All]);

    public ValueTask<Webhook?> GetAsync(Namespace ns, string name, CancellationToken ct) => new(All.FirstOrDefault(each => each.Name == name));

    public ValueTask<WebhookReply> PutAsync(Namespace ns, string name, WebhookDefinition definition, CancellationToken ct)
    {
        if (WebhookRules.Fault(name, definition, new TaskCatalog([]), new WebhookAddresses(new WebhookOptions())) is { } refusal) return new(new WebhookReply.Refused(refusal));
        var isNew = All.All(each => each.Name != name);
        All.RemoveAll(each => each.Name == name);
        All.Add(new Webhook(ns, name, definition.Url, definition.Query, definition.Events, definition.Paused, false, null, FakeJobs.Noon, FakeJobs.Noon, 1));
        Acts.Add(("put", name));
        return new(new WebhookReply.Done(All[^1], isNew, isNew ? MadeSecret : null));
    }

    public ValueTask<WebhookReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct) => DoAsync("delete", name, null);

    public ValueTask<WebhookReply?> RotateAsync(Namespace ns, string name, CancellationToken ct) => DoAsync("rotate", name, MadeSecret);

    public ValueTask<DeliveryReply?> TestAsync(Namespace ns, string name, CancellationToken ct)
    {
        Acts.Add(("test", name));
        return new(All.Any(each => each.Name == name) ? new DeliveryReply.Done(Sent[0]) : null);
    }

    public ValueTask<DeliveryPage?> DeliveriesAsync(Namespace ns, string name, long? before, int limit, CancellationToken ct) => new(new DeliveryPage([.. Sent], null));

    public ValueTask<Delivery?> RedeliverAsync(Namespace ns, string name, Guid id, CancellationToken ct)
    {
        Acts.Add(("redeliver", id.ToString()));
        return new(Sent.FirstOrDefault(each => each.Id == id));
    }

    public ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct) => new([.. Sent.Where(each => each.Job == job)]);

    private ValueTask<WebhookReply?> DoAsync(string act, string name, string? secret)
    {
        if (All.FirstOrDefault(each => each.Name == name) is not { } webhook) return new((WebhookReply?)null);
        Acts.Add((act, name));
        return new(new WebhookReply.Done(webhook, false, secret));
    }
}
