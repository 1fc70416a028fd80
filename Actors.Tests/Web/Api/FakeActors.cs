namespace ActorPerf.Tests.Web.Api;

/// <summary>A tree of three actors.</summary>
internal sealed class FakeActors : IActorInspector
{
    private static readonly ActorPerf.Kernel.ActorView Leaf = new("/user/compute/default", "RouterPoolActor", 0, [], 3, 40, 1, "FormatException: oops");
    private static readonly ActorPerf.Kernel.ActorView Branch = new("/user/compute", "Supervisor", 1, [Leaf], 0, 5, 0, null);

    public ActorPerf.Kernel.ActorView? Look(string path, int depth) => path switch
    {
        "/user" => new ActorPerf.Kernel.ActorView("/user", "Guardian", 1, depth == 0 ? [] : [depth == 1 ? Branch with { Children = [] } : Branch], 0, 0, 0, null),
        "/" => new ActorPerf.Kernel.ActorView("/", "Root", 1, depth == 0 ? [] : [new ActorPerf.Kernel.ActorView("/user", "Guardian", 1, [], 0, 0, 0, null)], 0, 0, 0, null),
        "/user/compute/default" => Leaf,
        "/user/compute" => depth == 0 ? Branch with { Children = [] } : Branch,
        _ => null,
    };
}
