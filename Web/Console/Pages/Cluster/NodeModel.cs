using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Web.Console.Live;

namespace ActorPerf.Web.Console.Pages;

/// <summary>How is this node, and what do its actors do?</summary>
/// <param name="IsSelf">It is the node that answers: only its own actors can be looked at.</param>
/// <param name="Leads">It has the duties that only one node has.</param>
public sealed record NodeModel(Member Member, bool IsSelf, bool Leads, NodeCondition Condition, DateTimeOffset Now)
{
    /// <summary>Path of the actor that the tree begins with.</summary>
    public string Path { get; init; } = "/user";

    /// <summary>Null: not of this node, not allowed, or no actor lives there.</summary>
    public IReadOnlyList<ActorLine>? Actors { get; init; }

    /// <summary>Why a command was refused; null when none was.</summary>
    public string? Refusal { get; init; }

    public string Shape => Shapes.Of([ClusterModel.ShapeOf(Member), Leads.ToString(), Condition.ToString(), .. (Actors ?? []).Select(actor => $"{actor.Path}/{actor.LastFailure}/{actor.Hidden > 0}")]);

    /// <summary>Where the node's own console stands, when its address is one that a browser may open; null otherwise.</summary>
    public string? Elsewhere => !IsSelf && Uri.TryCreate(Member.Address, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? $"{address.GetLeftPart(UriPartial.Authority)}/cluster/{Uri.EscapeDataString(Member.Name)}" : null;

    /// <summary>The way from the root to the actor, each a path that can be looked at.</summary>
    public IEnumerable<(string Name, string Path)> Way()
    {
        yield return ("/", "/");
        var at = "";
        foreach (var part in Path.Split('/', StringSplitOptions.RemoveEmptyEntries)) yield return (part, at += "/" + part);
    }

    public LiveState Live()
    {
        var values = new LiveValues();
        ClusterModel.AddTo(values, Member, Now);
        foreach (var actor in Actors ?? [])
        {
            values[Key(actor, "mailbox")] = Words.Count(actor.Mailbox);
            values[Key(actor, "processed")] = Words.Count(actor.Processed);
            values[Key(actor, "restarts")] = actor.Restarts.ToString(CultureInfo.InvariantCulture);
            values[Key(actor, "children")] = Words.Count(actor.Children);
        }
        return new LiveState { Shape = Shape, Values = values };
    }

    public static string Key(ActorLine actor, string cell) => $"actor-{actor.Path}-{cell}";
}
