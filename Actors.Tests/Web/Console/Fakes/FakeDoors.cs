using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Text;
using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Tests.Web.Console.Fakes;

internal sealed class FakeCompute : ICompute
{
    public List<ComputeRequest> Calls { get; } = [];
    public List<Invalidation> Invalidations { get; } = [];
    public CacheView View { get; set; } = new(default, new Dictionary<string, CacheTotals>(), 100_000, 256 * 1024 * 1024);
    public List<CacheEntryView> Remembered { get; } = [];
    public ComputeOutcome Outcome { get; set; } = new ComputeOutcome.Found(
        new ComputedResult(Encoding.UTF8.GetBytes("144"), FakeJobs.Noon.AddSeconds(-3), TimeSpan.FromSeconds(3), FakeJobs.Noon.AddMinutes(5)), CacheSource.Miss);

    public ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct)
    {
        Calls.Add(request);
        return ValueTask.FromResult(Outcome);
    }

    public ValueTask<ComputeOutcome> GetOrComputeAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions? options, CancellationToken ct) =>
        throw new NotSupportedException("No page computes with code of its own.");

    public CacheView Statistics(Namespace ns) => View;

    public CacheEntryPage Entries(Namespace ns, string? task, int limit, string? cursor) => new([.. Remembered.Where(entry => task is null || entry.Task == task).Skip(int.Parse(cursor ?? "0", System.Globalization.CultureInfo.InvariantCulture)).Take(limit)], Next(task, limit, cursor));

    private string? Next(string? task, int limit, string? cursor)
    {
        var end = int.Parse(cursor ?? "0", System.Globalization.CultureInfo.InvariantCulture) + limit;
        return end < Remembered.Count(entry => task is null || entry.Task == task) ? end.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    public ValueTask<InvalidateOutcome> InvalidateAsync(Invalidation what, CancellationToken ct)
    {
        Invalidations.Add(what);
        return ValueTask.FromResult<InvalidateOutcome>(new InvalidateOutcome.Done(Remembered.Count));
    }
}

/// <summary>Timelines as they are put; none unless some are.</summary>
internal sealed class FakeTimelines : ITimelines
{
    public Dictionary<(string Scope, string Name), IReadOnlyList<double>> Lines { get; } = [];

    public ValueTask<Timelines> ReadAsync(string scope, CancellationToken ct) =>
        new(new Timelines(FakeJobs.Noon, Lines.Where(line => line.Key.Scope == scope).ToDictionary(line => line.Key.Name, line => line.Value)));
}

internal sealed class FakeCluster : ICluster
{
    public List<Member> Members { get; } = [Sample.Member()];
    public Member Self => Members[0];
    public NodeCondition Condition { get; set; } = new(true, false, null);

    public ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<Member>>([.. Members]);

    public ValueTask<ClusterView> ViewAsync(CancellationToken ct) => new(ClusterView.Empty with { Members = [.. Members] });

    /// <summary>What members were told.</summary>
    public List<(string Act, string Member)> Told { get; } = [];

    public ValueTask<MemberReply> LeaveAsync(string name, CancellationToken ct) => TellAsync("leave", name);

    public ValueTask<MemberReply> DownAsync(string name, CancellationToken ct) => TellAsync("down", name);

    public ValueTask<MemberReply> DownUnreachableAsync(CancellationToken ct) => Nobody();

    public IAsyncEnumerable<MemberEvent> FollowAsync(CancellationToken ct) => AsyncEnumerable.Empty<MemberEvent>();

    private ValueTask<MemberReply> TellAsync(string act, string name)
    {
        if (Members.All(member => member.Name != name)) return Nobody();
        if (Self.Name == name && act == "down") return new(new MemberReply.Refused("A node does not declare itself dead."));
        Told.Add((act, name));
        return new(new MemberReply.Done(ClusterView.Empty with { Members = [.. Members] }, []));
    }

    private static ValueTask<MemberReply> Nobody() => new(new MemberReply.Unknown("The console's pages change no member."));
}

internal sealed class FakeCatalog : ITaskCatalog
{
    public List<TaskDescriptor> Tasks { get; } = [];
    public IReadOnlyList<TaskDescriptor> All => Tasks;

    public bool TryGet(string name, [NotNullWhen(true)] out TaskDescriptor? task) => (task = Tasks.FirstOrDefault(known => known.Name == name)) is not null;

    public Refusal Unknown(string name) => new("unknown-task", $"There is no task '{name}'.");
}

/// <summary>Two keys: one that may do everything in every namespace, one that may read 'default' only.</summary>
internal sealed class FakeSignIn : IConsoleSignIn
{
    public bool Required => true;
    public HashSet<string> Revoked { get; } = [];

    public ClaimsPrincipal? Check(string key) => key switch
    {
        "admin-key" => Principal("admin", [new(ConsoleRights.ScopeClaim, "admin")]),
        "operator-key" => Principal("operator", [new(ConsoleRights.ScopeClaim, "read"), new(ConsoleRights.ScopeClaim, "operate"), new(ConsoleRights.NamespaceClaim, "default")]),
        "reader-key" => Principal("reader", [new(ConsoleRights.ScopeClaim, "read"), new(ConsoleRights.NamespaceClaim, "default")]),
        _ => null,
    };

    public bool StillHolds(ClaimsPrincipal principal) => !Revoked.Contains(principal.Identity?.Name ?? "");

    private static ClaimsPrincipal Principal(string name, IEnumerable<Claim> claims) => new(new ClaimsIdentity([new(ClaimTypes.Name, name), .. claims], "key"));
}
