using System.Globalization;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Text from jobs, schedules, webhooks, views and the audit is only ever text.</summary>
public sealed class ConsoleWorkSafetyTests
{
    private static readonly string[] Payloads =
    [
        "<script>window.pwned=1</script>", "\"><img src=x onerror=window.pwned=1>", "'><svg/onload=window.pwned=1>", "</title><script>window.pwned=1</script>", "</text></svg><iframe src=//evil.example>",
        "javascript:window.pwned=1", "{{7*7}}<%= 7*7 %>", "<!--<b data-live=health>", "]]>&lt;b&gt;", "<template><a href=//evil.example></template>", "=HYPERLINK(\"//evil.example\")",
    ];

    [FullFact]
    public async Task Hostile_text_in_every_field_makes_no_element()
    {
        await using var plain = await ConsoleHost.StartAsync();
        await FillAsync(plain, "harmless");
        foreach (var payload in Payloads)
        {
            await using var hostile = await ConsoleHost.StartAsync();
            await FillAsync(hostile, payload);
            string[] paths =
            [
                "/jobs?q={0}", "/jobs?q=task:%22x%22%20error:%22{0}", "/jobs?did={0}", $"/jobs/{Sample.Id(1)}", $"/jobs/{Sample.Id(2)}", "/operations", $"/operations/{Sample.Id(950)}", "/workflows", $"/workflows/{Sample.Id(900)}", "/schedules",
                "/schedules/hourly", "/schedules/hourly?edit=1", "/schedules?new=1&cron={0}&args={0}&task={0}", "/schedules/{0}", "/webhooks", "/webhooks/billing", "/webhooks/billing?edit=1", "/webhooks?new=1&url={0}&q={0}", "/webhooks/{0}", "/audit",
                "/audit?who={0}&action={0}&target={0}", $"/jobs/bulk?action=delete&id={Sample.Id(2)}&task={{0}}", "/jobs/bulk?action={0}&all=1", "/submit?task=report&tags={0}&meta={0}&uniqueKey={0}&callback={0}",
            ];
            foreach (var path in paths)
            {
                var expected = Elements(await ParseAsync(plain, string.Format(CultureInfo.InvariantCulture, path, "harmless")));
                var page = await ParseAsync(hostile, string.Format(CultureInfo.InvariantCulture, path, Uri.EscapeDataString(payload)));
                if (!path.StartsWith("/jobs?q", StringComparison.Ordinal)) Assert.Equal((path, expected), (path, Elements(page)));
                ConsoleSafetyTests.AssertNothingInline(page);
                Assert.Empty(page.QuerySelectorAll("main img, main iframe, main a[href^='//']"));
            }
        }
    }

    private static async Task<IDocument> ParseAsync(ConsoleHost host, string path)
    {
        using var answer = await host.GetAsync(path);
        return await ConsoleHost.ParseAsync(answer);
    }

    private static string Elements(IDocument page) => string.Join(' ', page.All.Select(element => element.LocalName));

    private static async Task FillAsync(ConsoleHost host, string text)
    {
        FakeWork.Fill(host, text);
        var error = new TaskError(text, text);
        foreach (var (state, seq) in new[] { (JobState.Queued, 1L), (JobState.Failed, 2L), (JobState.Succeeded, 7L) })
        {
            var job = Sample.Job(text, state, seq, text, args: JsonValue.Create(text).ToJsonString(), tag: text);
            host.Jobs.All.Add(job with
            {
                Reason = text,
                Row = job.Row with { Error = error, Node = text, UniqueKey = text, LimitKey = text, Callback = text, Schedule = text, Workflow = text, Meta = System.Text.Encoding.UTF8.GetBytes(JsonValue.Create(text).ToJsonString()) },
            });
            host.Jobs.Histories[job.Row.Id] = new JobHistory([new HistoryRow(1, 1, FakeJobs.Noon, null, JobState.Queued, 0, text, text)], [new AttemptRecord(1, error, [new LogLine(FakeJobs.Noon, LogLevel.Error, text)], 3)], false);
        }
        host.Catalog.Tasks.Add(Sample.Task("report", text, """{"type":"object","properties":{"a":{"type":"string"}}}"""));
        var services = host.Services;
        await services.GetRequiredService<IViews>().PutViewAsync(new SavedView(Namespace.Default, "view", text, "-createdAt", [], FakeJobs.Noon), TestContext.Current.CancellationToken);
        await services.GetRequiredService<IAudit>().RecordAsync(new AuditEntry(Namespace.Default, FakeJobs.Noon, text, text, text, text, text, text), TestContext.Current.CancellationToken);
        services.GetRequiredService<FakeOperations>().All.Clear();
        services.GetRequiredService<FakeOperations>().All.Add(FakeOperations.Of(OperationAction.Delete, text, JobState.Running, new OperationCounts(1, 1, 1, 1), 950));
    }
}
