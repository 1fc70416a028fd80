namespace ActorPerf.Compute;

/// <summary>The pools of this node, readable by anyone without a message.</summary>
public interface IPoolDirectory
{
    /// <summary>Queues that have a pool here, in order of name.</summary>
    IReadOnlyList<string> Queues { get; }

    bool Serves(string queue);

    /// <summary>Routees of the queue's pool, and how many of them run something; zeros where there is no pool.</summary>
    (int Routees, int Busy) Load(string queue);
}
