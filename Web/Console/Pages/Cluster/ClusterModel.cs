using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Who is in?</summary>
/// <param name="Self">Incarnation of the node that answers.</param>
public sealed record ClusterModel(IReadOnlyList<Member> Members, Guid Self, Leader Leader, DateTimeOffset Now)
{
    /// <summary>Name of a member that was told something; null when none was.</summary>
    public string? Notice { get; init; }

    public string Shape => Shapes.Of([.. Members.Select(ShapeOf), Leader.Incarnation.ToString()]);

    public LiveState Live()
    {
        var values = new LiveValues();
        foreach (var member in Members) AddTo(values, member, Now);
        return new LiveState { Shape = Shape, Values = values };
    }

    public static void AddTo(LiveValues values, Member member, DateTimeOffset now)
    {
        values[Key(member, "cpu")] = Cpu(member);
        values[Key(member, "memory")] = Words.Bytes(member.Memory);
        values[Key(member, "running")] = Words.Count(member.Running);
        values[Key(member, "heartbeat")] = Words.Relative(member.LastHeartbeat, now);
        values[Key(member, "heartbeat") + "@datetime"] = Words.Exact(member.LastHeartbeat);
        values[Key(member, "heartbeat") + "@title"] = Words.Exact(member.LastHeartbeat);
    }

    public static string ShapeOf(Member member) => $"{member.Name}/{member.Incarnation}/{member.Status}/{member.Unreachable}";

    public static string Key(Member member, string cell) => $"member-{member.Incarnation}-{cell}";

    /// <summary>Of one core: above 100 % it works on several.</summary>
    public static string Cpu(Member member) => Words.Percent(member.Cpu);

    /// <summary>How a member is, in the words of a job's states for icon and colour.</summary>
    public static string StateOf(Member member) => member switch
    {
        { Unreachable: true } or { Status: "down" } => "failed",
        { Status: "up" } => "succeeded",
        _ => "retrying",
    };

    /// <summary>The row as the inspector of Akka.NET clusters prints it.</summary>
    public static string Row(Member member) =>
        $"{member.Address} | [{string.Join(", ", member.Roles)}] | {member.Status} | {(member.Unreachable ? "unreachable" : "")} | {member.Version}";

    public string Count => string.Create(CultureInfo.InvariantCulture, $"Count: {Members.Count} {(Members.Count == 1 ? "node" : "nodes")}");
}
