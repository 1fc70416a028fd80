using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>What an operator began is done and leaves its row, though whoever asked has hung up.</summary>
public sealed class AuditedActTests
{
    [Fact]
    public async Task Whoever_hangs_up_while_it_is_done_leaves_a_row_all_the_same()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var queues = new SlowQueues();
        await using var host = await WebHost.StartAsync(services: services => services.AddSingleton<IQueues>(queues), map: app =>
        {
            app.Use(async (context, next) =>
            {
                using var hungUp = context.RequestAborted.Register(() => gone.TrySetResult());
                await next(context);
            });
            app.MapActorPerf();
        });
        using var patience = new CancellationTokenSource();
        using var body = Http.Json("""{"paused": true}""");
        var asking = host.Client.PatchAsync("queues/mail", body, patience.Token);
        await queues.Begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await gone.Task.WaitAsync(TestContext.Current.CancellationToken);
        queues.Done.SetResult();
        var audit = host.Services.GetRequiredService<IAudit>();
        IReadOnlyList<AuditRow> rows = [];
        await Eventually.Is(async () => (rows = await audit.ListAuditAsync(Namespace.Default, null, 10, TestContext.Current.CancellationToken)).Count > 0, "the change left a row");
        var row = Assert.Single(rows).Entry;
        Assert.Equal(("setQueue", "mail"), (row.Action, row.Target));
    }

    /// <summary>As the node's own: the change takes place whether or not its caller waits for it.</summary>
    private sealed class SlowQueues : IQueues
    {
        private readonly FakeQueues _queues = new();

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<QueueOutcome> SetAsync(Namespace ns, string name, QueueChange change, CancellationToken ct)
        {
            Begun.SetResult();
            await Done.Task.WaitAsync(ct);
            return await _queues.SetAsync(ns, name, change, CancellationToken.None);
        }

        public ValueTask<IReadOnlyList<QueueView>> ListAsync(Namespace ns, CancellationToken ct) => _queues.ListAsync(ns, ct);

        public ValueTask<QueueView> GetAsync(Namespace ns, string name, CancellationToken ct) => _queues.GetAsync(ns, name, ct);

        public ValueTask<QueueOutcome> ResetAsync(Namespace ns, string name, CancellationToken ct) => _queues.ResetAsync(ns, name, ct);

        public ValueTask<LimitPage> LimitsAsync(Namespace ns, string? after, int limit, CancellationToken ct) => _queues.LimitsAsync(ns, after, limit, ct);
    }
}
