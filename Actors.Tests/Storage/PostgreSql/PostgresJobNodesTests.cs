using System.Collections.Concurrent;
using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Two nodes with stores of their own over one database, which write at the same time.</summary>
public sealed class PostgresJobNodesTests : IAsyncLifetime
{
    private readonly List<Node> _nodes = [];
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.SkipReason is not null) return;
        _database = await PostgresServer.NewMigratedAsync();
        _nodes.Add(await Node.OpenAsync(_database));
        _nodes.Add(await Node.OpenAsync(_database));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) node.Dispose();
        return ValueTask.CompletedTask;
    }

    [PostgresFact]
    public async Task Nodes_that_claim_at_once_take_each_job_once_and_all_of_them()
    {
        const int Jobs = 600;
        var ids = new ConcurrentBag<JobId>();
        await Task.WhenAll(Enumerable.Range(0, Jobs / 20).Select(async i =>
        {
            var rows = Enumerable.Range(0, 20).Select(_ => Row()).ToArray();
            foreach (var row in rows) ids.Add(row.Id);
            await _nodes[i % 2].SubmitAsync(rows);
        }));
        var taken = new ConcurrentBag<JobId>();
        await Task.WhenAll(_nodes.SelectMany(node => Enumerable.Range(0, 3).Select(async _ =>
        {
            while (taken.Count < Jobs)
            {
                var claim = await node.ClaimAsync("default", 7);
                foreach (var job in claim.Taken) taken.Add(job.Row.Id);
                await Task.WhenAll(claim.Taken.Select(node.FinishAsync));
            }
        })));
        Assert.Equal(ids.Order(IdOrder), taken.Order(IdOrder));
        Assert.All(_nodes, static node =>
        {
            var lanes = ((PostgresStorage)node.Storage).Lanes;
            Assert.Equal(["1", "2", "3"], lanes.Select(static lane => lane.Name));
            Assert.All(lanes, static lane => Assert.InRange(lane.Meter.Transactions, 1, lane.Meter.Writes));
            Assert.All(lanes, static lane => Assert.Equal(0, lane.Waiting));
        });
        Assert.Equal(Jobs, (await _nodes[0].Store.CountAsync(null, default)).Where(count => count.State == JobState.Succeeded).Sum(count => count.Count));
        await CleanAsync();
    }

    [PostgresFact]
    public async Task A_limit_holds_over_the_nodes_and_nobody_waits_for_ever()
    {
        const int Jobs = 160;
        for (var i = 0; i < Jobs; i += 20)
            await _nodes[i / 20 % 2].SubmitAsync([.. Enumerable.Range(0, 20).Select(n => Row() with { LimitKey = (n % 3) switch { 0 => "a", 1 => "b", _ => null } })]);
        var limits = new ClaimLimits(new QueueLimits { Concurrency = 4, KeyConcurrency = 1 }, new Dictionary<string, KeyLimit>());
        var (running, most, ended) = (new Dictionary<string, int>(), new Dictionary<string, int>(), 0);
        await Task.WhenAll(_nodes.SelectMany(node => Enumerable.Range(0, 2).Select(async _ =>
        {
            while (Volatile.Read(ref ended) < Jobs)
            {
                var claim = await node.ClaimAsync("default", 3, limits);
                foreach (var job in claim.Taken) Note(job, 1);
                foreach (var job in claim.Taken)
                {
                    // Before the end is posted: what is counted here is never more than what runs.
                    Note(job, -1);
                    await node.FinishAsync(job);
                    Interlocked.Increment(ref ended);
                }
            }
        })));
        Assert.True(most["queue"] <= 4, $"{most["queue"]} of the queue ran at once");
        Assert.Equal((1, 1), (most["a"], most["b"]));
        await CleanAsync();

        void Note(Job job, int change)
        {
            lock (running)
            {
                foreach (var name in new[] { "queue", job.Row.LimitKey })
                {
                    if (name is null) continue;
                    running[name] = running.GetValueOrDefault(name) + change;
                    most[name] = Math.Max(most.GetValueOrDefault(name), running[name]);
                }
            }
        }
    }

    [PostgresFact]
    public async Task Nodes_that_submit_the_same_at_once_make_one_job_of_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var (digest, id) = (Guid.NewGuid(), new JobId(Guid.CreateVersion7()));
            var byKey = _nodes.SelectMany(node => Enumerable.Range(0, 4).Select(_ => node.SubmitAsync([Row() with { Digest = digest }], $"key {digest}"))).ToArray();
            var byId = _nodes.SelectMany(node => Enumerable.Range(0, 4).Select(_ => node.SubmitAsync([Row() with { Id = id, Digest = digest }]))).ToArray();
            var byUnique = _nodes.SelectMany(node => Enumerable.Range(0, 4).Select(_ => node.SubmitAsync([Row() with { UniqueKey = $"unique {digest}" }]))).ToArray();
            foreach (var same in new[] { byKey, byId, byUnique })
                Assert.Single(await Task.WhenAll(same), write => write.Outcomes[0] is SubmitOutcome.Accepted);
        }
        await CleanAsync();
    }

    [PostgresFact]
    public async Task Whatever_they_write_at_once_ends_clean()
    {
        var ids = new ConcurrentQueue<JobId>();
        await Task.WhenAll(_nodes.SelectMany((node, n) => Enumerable.Range(0, 4).Select(async worker =>
        {
            var random = new Random((n * 10) + worker);
            for (var step = 0; step < 60; step++)
            {
                switch (random.Next(8))
                {
                    case < 3:
                        var parents = ids.ToArray().OrderBy(_ => random.Next()).Take(random.Next(3)).Select(id => new JobDependency(id, (DependsOn)random.Next(2))).ToArray();
                        var row = Row() with { LimitKey = random.Next(3) == 0 ? "k" : null, UniqueKey = random.Next(3) == 0 ? $"u{random.Next(3)}" : null, UniquePolicy = UniquePolicy.Replace };
                        await node.PostAsync(new JobWrite.Submit([new NewJob(row, "{}"u8.ToArray(), null) { DependsOn = parents }]));
                        ids.Enqueue(row.Id);
                        break;
                    case < 5:
                        var claim = await node.ClaimAsync("default", 5, random.Next(2) == 0 ? null : new ClaimLimits(new QueueLimits { KeyConcurrency = 2 }, new Dictionary<string, KeyLimit>()));
                        foreach (var job in claim.Taken)
                        {
                            if (random.Next(4) == 0) await node.PostAsync(new JobWrite.Change(job, new JobCommand.Park(job.Row.Run!.Value)) { Children = [new NewJob(Row(), "{}"u8.ToArray(), null)] });
                            else await node.FinishAsync(job);
                        }
                        break;
                    case 5 when ids.TryDequeue(out var id):
                        await node.PostAsync(new JobWrite.Change(Namespace.Default, id, new JobCommand.Cancel()));
                        break;
                    case 6:
                        await node.PostAsync(new JobWrite.Reap([_nodes[0].Incarnation, _nodes[1].Incarnation], 10));
                        break;
                    default:
                        await node.PostAsync(new JobWrite.Sweep(10));
                        break;
                }
            }
        })));
        await CleanAsync();
    }

    [PostgresFact]
    public async Task A_submission_that_was_answered_is_there_and_one_that_failed_is_not_however_often_connections_end()
    {
        await using var ending = new EndedConnections(_database);
        var rows = Enumerable.Range(0, 400).Select(_ => Row()).ToArray();
        var writes = await Task.WhenAll(rows.Chunk(4).Select(async (some, i) =>
        {
            var write = new JobWrite.Submit([.. some.Select(row => new NewJob(row, "{}"u8.ToArray(), null))]);
            await _nodes[i % 2].PostAsync(write, mayFail: true);
            return write;
        }));
        await ending.StopAsync();
        foreach (var write in writes)
        {
            foreach (var job in await _nodes[0].Store.ReadManyAsync(Namespace.Default, [.. write.Jobs.Select(job => job.Row.Id)], default))
                Assert.Equal(write.Failure is null, job is not null);
        }
        await CleanAsync();
    }

    [PostgresFact]
    public async Task Entities_and_jobs_of_one_commit_are_both_there_or_neither_however_often_connections_end()
    {
        await using var ending = new EndedConnections(_database);
        var commits = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var (key, row) = (Key.Of(Namespace.Default, "Order", i + 1), Row());
            var submit = new JobWrite.Submit([new NewJob(row, "{}"u8.ToArray(), null)], atomic: true);
            var commit = new EntityCommit(Guid.NewGuid(), [], [new EntityWrite.Insert(key, "{}"u8.ToArray())]) { Attached = [submit] };
            try
            {
                Assert.True((await _nodes[i % 2].Storage.Entities.CommitAsync(Namespace.Default, commit, default)).Committed);
                return (Key: key, Job: row.Id, Answered: true);
            }
            catch (StoreUnavailableException failure)
            {
                Assert.IsNotType<CommitUnknownException>(failure);
                return (Key: key, Job: row.Id, Answered: false);
            }
        }));
        await ending.StopAsync();
        var entities = await _nodes[0].Storage.Entities.ReadManyAsync(Namespace.Default, [.. commits.Select(commit => commit.Key)], default);
        var jobs = await _nodes[0].Store.ReadManyAsync(Namespace.Default, [.. commits.Select(commit => commit.Job)], default);
        Assert.Equal(commits.Select(commit => commit.Answered), entities.Select(entity => entity is not null));
        Assert.Equal(commits.Select(commit => commit.Answered), jobs.Select(job => job is not null));
        Assert.Contains(commits, commit => commit.Answered);
        await CleanAsync();
    }

    private static readonly Comparer<JobId> IdOrder = Comparer<JobId>.Create((a, b) => a.Value.CompareTo(b.Value));

    private static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(),
    };

    private async Task CleanAsync()
    {
        foreach (var violation in (await _nodes[0].Storage.VerifyAsync(default)).Violations)
            Assert.Fail($"{violation.Invariant}: {string.Join(", ", violation.Ids)}");
    }

    private sealed class Node : IDisposable
    {
        private readonly ConcurrentDictionary<JobWrite, TaskCompletionSource> _reported = new();

        private Node(INodeStorage storage)
        {
            Storage = storage;
            Store.Reported = writes =>
            {
                foreach (var write in writes) Reported(write).TrySetResult();
            };
        }

        public INodeStorage Storage { get; }

        public IJobStore Store => Storage.Jobs;

        public Incarnation Incarnation { get; } = new(Guid.CreateVersion7());

        public static async Task<Node> OpenAsync(string database) => new(await PostgresStores.OpenAsync(database, TimeProvider.System, lanes: 3));

        public async Task<JobWrite.Submit> SubmitAsync(IReadOnlyList<JobRow> rows, string? key = null)
        {
            var write = new JobWrite.Submit([.. rows.Select(row => new NewJob(row, Encoding.UTF8.GetBytes("{}"), key))]);
            await PostAsync(write);
            return write;
        }

        public async Task<JobWrite.Claim> ClaimAsync(string queue, int count, ClaimLimits? limits = null)
        {
            var write = new JobWrite.Claim(queue, count, Incarnation, "n") { Limits = limits };
            await PostAsync(write);
            return write;
        }

        public async Task FinishAsync(Job job)
        {
            var write = new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "1"u8.ToArray() };
            await PostAsync(write);
            Assert.True(write.Decision is JobDecision.Moved or JobDecision.Refused, $"{write.Decision}");
        }

        public async Task PostAsync(JobWrite write, bool mayFail = false)
        {
            Assert.True(Store.TryPost(write));
            await Reported(write).Task.WaitAsync(TimeSpan.FromSeconds(60));
            if (!mayFail) Assert.Null(write.Failure);
            else if (write.Failure is { } failure) Assert.IsAssignableFrom<StoreUnavailableException>(failure);
        }

        public void Dispose() => Storage.Dispose();

        private TaskCompletionSource Reported(JobWrite write) => _reported.GetOrAdd(write, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
