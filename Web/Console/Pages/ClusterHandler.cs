using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Web.Console.Live;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

internal static class ClusterHandler
{
    public static async Task<IResult> ShowAsync(ConsoleRequest request) =>
        ConsolePage.Of<ClusterPage>(request.View, await ReadAsync(request.Cluster, request.View.Now, request.Aborted));

    public static (string Key, Func<ILiveSource> Open)? Live(ConsoleRequest request)
    {
        var (cluster, time) = (request.Cluster, request.Service<TimeProvider>());
        return ("cluster", () => new LiveQuestion(async ct => (await ReadAsync(cluster, time.GetUtcNow(), ct)).Live()));
    }

    private static async Task<ClusterModel> ReadAsync(ICluster cluster, DateTimeOffset now, CancellationToken ct) =>
        new([.. await cluster.MembersAsync(ct)], cluster.Self.Incarnation, now);
}

/// <summary>Who is in, who sees whom?</summary>
/// <param name="Self">Incarnation of the node that answers.</param>
public sealed record ClusterModel(IReadOnlyList<Member> Members, Guid Self, DateTimeOffset Now)
{
    public string Shape => Shapes.Of(Members.Select(member => $"{member.Name}/{member.Incarnation}/{member.Status}/{member.Unreachable}"));

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var member in Members)
        {
            values[Key(member, "cpu")] = Cpu(member);
            values[Key(member, "memory")] = Words.Bytes(member.Memory);
            values[Key(member, "running")] = Words.Count(member.Running);
            values[Key(member, "heartbeat") + "@datetime"] = Words.Exact(member.LastHeartbeat);
        }
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Key(Member member, string cell) => $"member-{member.Incarnation}-{cell}";

    public static string Cpu(Member member) => Words.Percent(member.Cpu);

    /// <summary>The row as the inspector of Akka.NET clusters prints it.</summary>
    public static string Row(Member member) =>
        $"{member.Address} | [{string.Join(", ", member.Roles)}] | {member.Status} | {(member.Unreachable ? "unreachable" : "")} | {member.Version}";

    public string Count => string.Create(CultureInfo.InvariantCulture, $"Count: {Members.Count} {(Members.Count == 1 ? "node" : "nodes")}");
}
