using System.Security.Cryptography;
using System.Text;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage.Sql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What a lane keeps from one transaction to the next. Belongs to its thread.</summary>
/// <param name="random">Of leases and jitter.</param>
/// <param name="clock">In place of the server's; null but in tests.</param>
/// <param name="origin">The node's mark on its rows of the feed.</param>
/// <param name="signals">Shared with the node's other lanes.</param>
/// <param name="committed">Told after each commit, whether it gave the sender of webhooks something to look at.</param>
internal sealed class LaneMemory(Random random, TimeProvider? clock, long origin, FlowSignals signals, Action<bool> committed)
{
    private const int MaxGates = 10_000;

    private readonly Dictionary<string, long> _gates = new(StringComparer.Ordinal);

    public Random Random { get; } = random;

    public TimeProvider? Clock { get; } = clock;

    public long Origin { get; } = origin;

    public FlowSignals Signals { get; } = signals;

    /// <summary>Which of the counters' rows are this connection's.</summary>
    public int Slot { get; set; }

    /// <summary>As of <see cref="WebhookEpoch"/>.</summary>
    public WebhookBook Webhooks { get; } = new();

    public long WebhookEpoch { get; set; } = -1;

    public void Committed(bool deliveries) => committed(deliveries);

    /// <summary>The number of the lock that guards a queue's limits.</summary>
    public long Gate(string queue)
    {
        if (_gates.TryGetValue(queue, out var gate)) return gate;
        if (_gates.Count == MaxGates) _gates.Clear();
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{PostgresDialect.Schema}/queue/{queue}"), digest);
        return _gates[queue] = BitConverter.ToInt64(digest);
    }
}
