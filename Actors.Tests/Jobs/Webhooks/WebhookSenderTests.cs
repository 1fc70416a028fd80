using System.Text;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Kernel;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Jobs.Webhooks;

/// <summary>The sender on one thread, over the memory store and a receiver made of a function.</summary>
[Trait("Kind", "Simulation")]
public sealed class WebhookSenderTests
{
    private const int Seeds = 20;
    private static readonly Incarnation Node = new(Guid.CreateVersion7());

    [Fact]
    public void A_final_job_is_told_to_its_callback_and_the_signature_holds() => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var world = new World(simulation);
        var job = world.Finish(callback: "https://a.example/hook", result: """{"n": 1}""");
        simulation.RunFor(TimeSpan.FromSeconds(1));
        var request = Assert.Single(world.Requests);
        Assert.Equal("https://a.example/hook", request.Url);
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal("job.succeeded", body.RootElement.GetProperty("type").GetString());
        Assert.Equal(job.ToString(), body.RootElement.GetProperty("data").GetProperty("id").GetString());
        Assert.Equal(1, body.RootElement.GetProperty("data").GetProperty("result").GetProperty("n").GetInt32());
        var secret = JobWorld.Of(world.Store.ReadAsync(Namespace.Default, WebhookRow.Callback, default).AsTask())!.Secrets[0];
        Assert.True(WebhookSecret.TryBytes(secret.Text, out var key));
        Assert.Equal(WebhookSignature.Of(key, request.Id, request.Timestamp, request.Body.Span), request.Signature);
        Assert.Equal(DeliveryState.Delivered, Assert.Single(world.Deliveries(job)).State);
    });

    [Fact]
    public void A_long_result_is_left_out_with_a_link() => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var world = new World(simulation);
        var job = world.Finish(callback: "https://a.example/hook", result: $"\"{new string('x', 70_000)}\"");
        simulation.RunFor(TimeSpan.FromSeconds(1));
        using var body = JsonDocument.Parse(Assert.Single(world.Requests).Body);
        Assert.Equal(JsonValueKind.Null, body.RootElement.GetProperty("data").GetProperty("result").ValueKind);
        Assert.Equal($"http://node/api/v1/jobs/{job}/result", body.RootElement.GetProperty("data").GetProperty("resultUrl").GetString());
    });

    [Fact]
    public void It_is_tried_again_with_the_same_id_until_it_is_accepted() => ActorSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = new World(simulation) { Answer = (_, attempt) => new DeliveryAnswer(attempt < 4 ? 500 : 200) };
        var job = world.Finish(callback: "https://a.example/hook");
        simulation.RunFor(TimeSpan.FromMinutes(2));
        Assert.Equal(4, world.Requests.Count);
        Assert.Single(world.Requests.Select(request => request.Id).Distinct());
        Assert.Equal(4, Assert.Single(world.Deliveries(job)).Attempts);
    });

    [Fact]
    public void The_next_event_of_a_job_waits_for_the_one_before() => ActorSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = new World(simulation) { Answer = (_, attempt) => new DeliveryAnswer(attempt < 3 ? 503 : 200) };
        world.Put("all", new WebhookDefinition { Url = "https://a.example/all", Events = WebhookEvents.All });
        var ids = Enumerable.Range(0, 5).Select(_ => world.RetryThenFinish()).ToArray();
        simulation.RunFor(TimeSpan.FromMinutes(5));
        foreach (var id in ids)
        {
            var types = world.Told(id);
            Assert.Equal(["job.retrying", "job.retrying", "job.retrying", "job.succeeded", "job.succeeded", "job.succeeded"], types);
        }
    });

    [Fact]
    public void A_store_that_does_not_say_whether_it_wrote_loses_nothing() => ActorSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = new World(simulation);
        world.Doubtful.Chance = 0.4;
        var ids = Enumerable.Range(0, 30).Select(_ => world.Finish(callback: "https://a.example/hook")).ToArray();
        simulation.RunFor(TimeSpan.FromMinutes(3));
        Assert.True(world.Doubtful.Raised > 0);
        foreach (var id in ids) Assert.Equal(DeliveryState.Delivered, Assert.Single(world.Deliveries(id)).State);
        Assert.Equal(ids.Select(id => id.ToString()).Order(), world.Requests.Select(request => Data(request).GetProperty("id").GetString()!).Distinct().Order());
    });

    [Fact]
    public void A_restarted_sender_goes_on_from_the_rows() => ActorSimulation.ForEachSeed(1, 5, simulation =>
    {
        var world = new World(simulation) { Answer = (_, _) => new DeliveryAnswer(500) };
        var job = world.Finish(callback: "https://a.example/hook");
        simulation.RunFor(TimeSpan.FromSeconds(10));
        world.Stop();
        world.Answer = (_, _) => new DeliveryAnswer(200);
        var before = world.Requests.Count;
        simulation.RunFor(TimeSpan.FromHours(2));
        Assert.Equal(before, world.Requests.Count);
        world.Start();
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(before + 1, world.Requests.Count);
        Assert.Equal(DeliveryState.Delivered, Assert.Single(world.Deliveries(job)).State);
    });

    [Fact]
    public void A_receiver_that_is_gone_hears_no_more_until_it_is_put_again() => ActorSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var world = new World(simulation) { Answer = (_, _) => new DeliveryAnswer(410) };
        world.Put("ops", new WebhookDefinition { Url = "https://a.example/ops" });
        var job = world.Finish();
        simulation.RunFor(TimeSpan.FromMinutes(10));
        Assert.Single(world.Requests);
        Assert.Equal(DeliveryState.Failed, Assert.Single(world.Deliveries(job)).State);
        Assert.Empty(world.Deliveries(world.Finish()));
        world.Answer = (_, _) => new DeliveryAnswer(200);
        world.Put("ops", new WebhookDefinition { Url = "https://a.example/ops" });
        Assert.Single(world.Deliveries(world.Finish()));
    });

    [Fact]
    public void A_paused_webhook_writes_and_waits() => ActorSimulation.ForEachSeed(1, 1, simulation =>
    {
        var world = new World(simulation);
        world.Put("ops", new WebhookDefinition { Url = "https://a.example/ops", Paused = true });
        world.Finish();
        simulation.RunFor(TimeSpan.FromMinutes(10));
        Assert.Empty(world.Requests);
        world.Put("ops", new WebhookDefinition { Url = "https://b.example/new" });
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal("https://b.example/new", Assert.Single(world.Requests).Url);
    });

    [Fact]
    public void A_slow_host_has_its_share_and_holds_up_nobody() => ActorSimulation.ForEachSeed(1, Seeds, simulation =>
    {
        var slow = new TaskCompletionSource<DeliveryAnswer>();
        var world = new World(simulation) { Hold = url => url.Contains("slow", StringComparison.Ordinal) ? slow.Task : null };
        for (var i = 0; i < 40; i++) world.Finish(callback: "https://slow.example/");
        for (var i = 0; i < 40; i++) world.Finish(callback: "https://fast.example/");
        simulation.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(4, world.Requests.Count(request => request.Url.Contains("slow", StringComparison.Ordinal)));
        Assert.Equal(40, world.Requests.Count(request => request.Url.Contains("fast", StringComparison.Ordinal)));
    });

    private static JsonElement Data(WebhookRequest request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("data");

    private sealed class World
    {
        private readonly ActorSimulation _simulation;
        private readonly IJobStore _jobs;
        private readonly Dictionary<string, int> _attempts = [];
        private IActorRef _sender;
        private int _started;

        public World(ActorSimulation simulation)
        {
            _simulation = simulation;
            var storage = new MemoryStorage(simulation.Time, new Random(simulation.Seed));
            (_jobs, Store) = (storage.Jobs, storage.Webhooks);
            _jobs.Reported = _ => { };
            Doubtful = new DoubtfulStore(Store, simulation.Random);
            _sender = Launch();
        }

        public DoubtfulStore Doubtful { get; }
        public IWebhookStore Store { get; }
        public List<WebhookRequest> Requests { get; } = [];
        public Func<WebhookRequest, int, DeliveryAnswer> Answer { get; set; } = (_, _) => new DeliveryAnswer(200);
        public Func<string, Task<DeliveryAnswer>?> Hold { get; set; } = _ => null;

        public void Start() => _sender = Launch();

        public void Stop()
        {
            _simulation.System.Stop(_sender);
            _simulation.RunUntilIdle();
        }

        public void Put(string name, WebhookDefinition definition) =>
            Assert.IsType<WebhookReply.Done>(JobWorld.Of(new WebhookService(Store, _simulation.Time, new TaskCatalog([]), new WebhookAddresses(new WebhookOptions())).PutAsync(Namespace.Default, name, definition, default).AsTask()));

        public JobId Finish(string? callback = null, string result = "1")
        {
            var run = Submit(callback);
            Post(new JobWrite.Change(run, new JobCommand.Finish(run.Row.Run!.Value, false)) { Result = Encoding.UTF8.GetBytes(result) });
            return run.Row.Id;
        }

        public JobId RetryThenFinish()
        {
            var run = Submit(null);
            Post(new JobWrite.Change(run, new JobCommand.Fail(run.Row.Run!.Value, new TaskError("Boom", "no"), 0)));
            Post(new JobWrite.Change(Namespace.Default, run.Row.Id, new JobCommand.RunNow()));
            var claim = new JobWrite.Claim("default", 1, Node, "n");
            Post(claim);
            var again = Assert.Single(claim.Taken);
            Post(new JobWrite.Change(again, new JobCommand.Finish(again.Row.Run!.Value, false)) { Result = "1"u8.ToArray() });
            return run.Row.Id;
        }

        public IReadOnlyList<Delivery> Deliveries(JobId job) => JobWorld.Of(Store.DeliveriesOfAsync(Namespace.Default, job, default).AsTask());

        public string[] Told(JobId job) =>
        [
            .. Requests.Where(request => Data(request).GetProperty("id").GetString() == job.ToString())
                .Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("type").GetString()!),
        ];

        private Job Submit(string? callback)
        {
            var row = new JobRow { Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Callback = callback };
            Post(new JobWrite.Submit([new NewJob(row, "{}"u8.ToArray(), null)]));
            var claim = new JobWrite.Claim("default", 1, Node, "n");
            Post(claim);
            return Assert.Single(claim.Taken);
        }

        private void Post(JobWrite write) => Assert.True(_jobs.TryPost(write));

        private IActorRef Launch()
        {
            var parts = new WebhookParts
            {
                Store = Doubtful, ReadJob = async (ns, id, ct) => (await _jobs.ReadManyAsync(ns, [id], ct))[0], Post = new Receiver(this), Options = new WebhookOptions(), Time = _simulation.Time,
                Random = new Random(_simulation.Seed), Log = NullLogger.Instance, Address = "http://node",
            };
            return _simulation.System.ActorOf(Props.Create(() => new WebhookSender(parts)), $"webhooks-{++_started}");
        }

        private sealed class Receiver(World world) : IWebhookPost
        {
            public Task<DeliveryAnswer> PostAsync(WebhookRequest request, CancellationToken ct)
            {
                world.Requests.Add(request);
                if (world.Hold(request.Url) is { } held) return held;
                var attempt = world._attempts[request.Id] = world._attempts.GetValueOrDefault(request.Id) + 1;
                return Task.FromResult(world.Answer(request, attempt));
            }
        }
    }

    /// <summary>Now and then says that it is away: before a write, after it, or at a read.</summary>
    private sealed class DoubtfulStore(IWebhookStore inner, Random random) : IWebhookStore
    {
        public double Chance { get; set; }

        public int Raised { get; private set; }

        public event Action? Arrived
        {
            add => inner.Arrived += value;
            remove => inner.Arrived -= value;
        }

        public ValueTask<IReadOnlyList<WebhookRow>> ListAsync(Namespace ns, CancellationToken ct) => inner.ListAsync(ns, ct);

        public async ValueTask<WebhookRow?> ReadAsync(Namespace ns, string name, CancellationToken ct)
        {
            Doubt();
            return await inner.ReadAsync(ns, name, ct);
        }

        public async ValueTask<WebhookRow?> ChangeAsync(Namespace ns, string name, Func<WebhookRow?, int, WebhookRow?> change, CancellationToken ct)
        {
            Doubt();
            var row = await inner.ChangeAsync(ns, name, change, ct);
            Doubt();
            return row;
        }

        public ValueTask<bool> DeleteAsync(Namespace ns, string name, CancellationToken ct) => inner.DeleteAsync(ns, name, ct);

        public async ValueTask<DueDeliveries> ReadDueAsync(DateTimeOffset now, IReadOnlyCollection<string> exceptHosts, int limit, CancellationToken ct)
        {
            Doubt();
            return await inner.ReadDueAsync(now, exceptHosts, limit, ct);
        }

        public async ValueTask WriteAsync(DeliveryOutcome outcome, CancellationToken ct)
        {
            Doubt();
            await inner.WriteAsync(outcome, ct);
            Doubt();
        }

        public ValueTask AddAsync(Delivery delivery, CancellationToken ct) => inner.AddAsync(delivery, ct);

        public ValueTask<Delivery?> RedeliverAsync(Namespace ns, string webhook, Guid id, DateTimeOffset now, CancellationToken ct) => inner.RedeliverAsync(ns, webhook, id, now, ct);

        public ValueTask<DeliveryPage> ListDeliveriesAsync(Namespace ns, string webhook, long? before, int limit, CancellationToken ct) => inner.ListDeliveriesAsync(ns, webhook, before, limit, ct);

        public ValueTask<IReadOnlyList<Delivery>> DeliveriesOfAsync(Namespace ns, JobId job, CancellationToken ct) => inner.DeliveriesOfAsync(ns, job, ct);

        private void Doubt()
        {
            if (random.NextDouble() >= Chance) return;
            Raised++;
            throw new StoreUnavailableException();
        }
    }
}
