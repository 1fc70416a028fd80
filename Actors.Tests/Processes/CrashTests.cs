using System.Globalization;
using System.Net;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using Microsoft.Data.Sqlite;

namespace ActorPerf.Tests.Processes;

/// <summary>A node that is killed at each named place of a job's life, and what its next life finds: docs/invariants.md says what is allowed.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class CrashTests
{
    private const string Witness = "0192f0aa-1111-7000-8000-000000000001";

    /// <summary>A task that leaves a mark of every execution, synced to disk: what the database forgot would still be seen there.</summary>
    private const string Hocon = NodeProcess.Pools + """
        actorperf.tasks.witness { command = [sh, witness.sh] }
        """;

    private const string Script = """
        echo "$ACTORPERF_JOB_ID $ACTORPERF_ATTEMPT" >> witness.txt
        sync witness.txt
        echo 1
        """;

    /// <summary>The point; whether the repeated submit finds the job; its attempts and lost nodes in the end; which attempts may have left a mark.</summary>
    [FullTheory]
    [InlineData(CrashPoints.SubmitBeforeCommit, false, 1, 0, "1")]
    [InlineData(CrashPoints.SubmitCommitted, true, 2, 1, "2")]
    [InlineData(CrashPoints.SubmitAnswered, true, 2, 1, "2|1 2")]
    [InlineData(CrashPoints.ClaimCommitted, true, 2, 1, "2")]
    [InlineData(CrashPoints.RunEnded, true, 2, 1, "1 2")]
    [InlineData(CrashPoints.FinishBeforeCommit, true, 2, 1, "1 2")]
    [InlineData(CrashPoints.FinishCommitted, true, 1, 0, "1")]
    public async Task INV_01_A_kill_in_a_job_s_life_leaves_it_once_and_runs_it_to_its_end(string point, bool isThere, int attempts, int crashes, string marks)
    {
        await using var node = await ArmedAsync(point);
        var body = $$$"""{"id":"{{{Witness}}}","task":"witness","backoff":{"initial":"50ms"}}""";
        await TryAsync(node.Api.PostAsync("/jobs", body));
        await DiesAsync(node);

        await node.VerifyOfflineAsync();
        await node.StartAsync();
        var repeated = await node.Api.PostAsync("/jobs", body);
        Assert.Equal((isThere ? HttpStatusCode.OK : HttpStatusCode.Accepted, Witness), (repeated.Status, repeated.Text("id")));
        var job = await node.Api.ReachesAsync(Witness, "succeeded");
        Assert.True((attempts, crashes, crashes) == (job.Number("attempt"), job.Number("crashes"), job.Number("excused")), await StoryAsync(node));
        Assert.Single(await node.Api.StatesAsync(Witness), state => state == "succeeded");
        Assert.Equal(new Dictionary<string, int> { ["succeeded"] = 1 }, await node.Api.CountsAsync());
        var seen = string.Join(' ', Marks(node, Witness));
        Assert.Contains(seen, marks.Split('|'));
        await node.Api.VerifyAsync();
    }

    private static async Task<string> StoryAsync(NodeProcess node) =>
        $"{await node.Api.GetAsync($"/jobs/{Witness}")}\nMarks: {string.Join(' ', Marks(node, Witness))}";

    [FullFact]
    public async Task A_kill_between_a_cancel_and_its_signal_ends_the_job_as_cancelled()
    {
        await using var node = await ArmedAsync(CrashPoints.CancelCommitted);
        var id = await node.Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"}}""");
        await node.Api.ReachesAsync(id, "running");
        await TryAsync(node.Api.PostAsync($"/jobs/{id}/cancel", ""));
        await DiesAsync(node);

        await node.StartAsync();
        Assert.Equal(1, (await node.Api.ReachesAsync(id, "cancelled")).Number("attempt"));
        Assert.Equal(["queued", "running", "cancelling", "cancelled"], await node.Api.StatesAsync(id));
        await node.VerifyAsync();
    }

    [FullFact]
    public async Task A_kill_of_the_reaper_in_mid_work_costs_the_lost_runs_no_second_attempt()
    {
        await using var node = await NodeProcess.StartAsync(Hocon);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => node.Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"},"backoff":{"initial":"50ms"}}""")));
        foreach (var id in jobs) await node.Api.ReachesAsync(id, "running");
        await node.KillAsync();
        await node.StartToCrashAsync(CrashPoints.ReapSelected + ":2");
        await DiesAsync(node);

        await node.VerifyOfflineAsync();
        await node.StartAsync();
        foreach (var id in jobs)
        {
            var job = await node.Api.ReachesAsync(id, "running");
            while (job.Number("attempt") == 1) job = await node.Api.ReachesAsync(id, "running");
            Assert.Equal((2, 1, 1), (job.Number("attempt"), job.Number("crashes"), job.Number("excused")));
            Assert.Equal(["queued", "running", "retrying", "queued", "running"], await node.Api.StatesAsync(id));
        }
        await node.Api.VerifyAsync();
    }

    [FullFact]
    public async Task A_kill_between_a_tick_s_job_and_the_schedule_s_place_in_time_makes_no_second_job()
    {
        await using var node = await NewAsync(Hocon + "\n" + """
            actorperf.schedules.tick { cron = "*/2 * * * * *", task = witness, overlap = queue }
            """);
        await node.StartToCrashAsync(CrashPoints.ScheduleSubmitted);
        await DiesAsync(node);

        await node.StartAsync();
        var jobs = new List<JsonElement>();
        while (jobs.Count(job => job.GetProperty("state").GetString() == "succeeded") < 3)
        {
            jobs = await node.Api.ListAsync();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        // Each tick's job is named after it, so a second job of a tick would show as a second mark of its one id, or have another name.
        foreach (var id in jobs.Where(job => job.GetProperty("state").GetString() == "succeeded").Select(job => job.GetProperty("id").GetString()!))
        {
            Assert.Single(await node.Api.StatesAsync(id), state => state == "succeeded");
            Assert.Equal(Marks(node, id).Distinct(), Marks(node, id));
        }
        var created = jobs.Select(job => job.GetProperty("createdAt").GetDateTimeOffset()).Order().ToArray();
        var names = new HashSet<string>();
        for (var tick = (created[0].ToUnixTimeSeconds() - 90) / 2 * 2; tick <= created[^1].ToUnixTimeSeconds(); tick += 2)
            names.Add($"{ScheduleIds.Of(Namespace.Default, "tick", DateTimeOffset.FromUnixTimeSeconds(tick))}");
        Assert.All(jobs, job => Assert.Contains(job.GetProperty("id").GetString()!, names));
        await node.Api.VerifyAsync();
    }

    [FullFact]
    public async Task A_kill_while_a_checkpoint_is_written_lets_the_job_run_again()
    {
        await using var node = await ArmedAsync(CrashPoints.CheckpointBeforeCommit);
        // It may run, and die, before its submit is answered.
        await TryAsync(node.Api.PostAsync("/jobs", $$$"""{"id":"{{{Witness}}}","task":"progress","args":{"steps":12,"delay":"20ms"},"backoff":{"initial":"50ms"}}"""));
        await DiesAsync(node);

        await node.StartAsync();
        var job = await node.Api.ReachesAsync(Witness, "succeeded");
        Assert.Equal((2, 1, 12), (job.Number("attempt"), job.Number("crashes"), job.Number("result")));
        await node.VerifyAsync();
    }

    [FullFact]
    public async Task A_kill_in_the_middle_of_a_prune_deletes_nothing_by_half()
    {
        await using var node = await NodeProcess.StartAsync(Hocon);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => node.Api.SubmitAsync($$$"""{"task":"square","args":{"n":{{{n}}}},"tags":["old"]}""")));
        foreach (var id in jobs) await node.Api.ReachesAsync(id, "succeeded");
        await node.KillAsync();
        await AgeAsync(node.Database);
        await node.StartToCrashAsync(CrashPoints.PruneBeforeCommit);
        await DiesAsync(node);

        await node.VerifyOfflineAsync();
        await node.StartAsync();
        Assert.Equal(6, (await node.Api.ListAsync()).Count);
        Assert.Equal(9, (await node.Api.ReachesAsync(jobs[3], "succeeded")).Number("result"));
        await node.Api.VerifyAsync();
    }

    [FullFact]
    public async Task A_kill_in_the_middle_of_a_migration_leaves_a_file_that_the_next_start_migrates()
    {
        await using var node = await NewAsync(Hocon);
        await node.StartToCrashAsync(CrashPoints.MigrationBeforeCommit);
        await DiesAsync(node);

        await node.StartAsync();
        await node.Api.ReachesAsync(await node.Api.SubmitAsync("""{"task":"square","args":{"n":5}}"""), "succeeded");
        await node.VerifyAsync();
    }

    private static async Task<NodeProcess> ArmedAsync(string point)
    {
        var node = await NewAsync(Hocon);
        await node.StartToCrashAsync(point);
        await node.Program.SaidAsync("Try: ");
        await node.Api.ReadyAsync();
        return node;
    }

    private static async Task<NodeProcess> NewAsync(string hocon)
    {
        var node = NodeProcess.New(hocon);
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "witness.sh"), Script);
        return node;
    }

    /// <summary>Sends what may or may not be answered.</summary>
    private static async Task TryAsync(Task<Reply> request)
    {
        try
        {
            var reply = await request;
            Assert.True((int)reply.Status < 300, reply.ToString());
        }
        catch (HttpRequestException)
        {
            // It died first.
        }
    }

    private static async Task DiesAsync(NodeProcess node) => Assert.Equal(128 + 9, await node.Program.ExitAsync());

    private static string[] Marks(NodeProcess node, string id)
    {
        var file = Path.Combine(node.Folder, "witness.txt");
        return File.Exists(file) ? [.. File.ReadAllLines(file).Select(line => line.Split(' ')).Where(mark => mark[0] == id).Select(mark => mark[1])] : [];
    }

    /// <summary>Makes every job as old as retention lets go of.</summary>
    private static async Task AgeAsync(string file)
    {
        await using var database = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={file};Pooling=False"));
        await database.OpenAsync(TestContext.Current.CancellationToken);
        await using var age = database.CreateCommand();
        age.CommandText = "UPDATE job SET created_at = created_at - 3456000000000, finished_at = finished_at - 3456000000000";
        await age.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
