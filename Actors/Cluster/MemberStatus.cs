namespace ActorPerf.Cluster;

/// <summary>The words for a member's status, as in Akka.NET. Unreachable is no status but is told beside it.</summary>
public static class MemberStatus
{
    /// <summary>It starts: its lease runs, and it takes no work yet.</summary>
    public const string Joining = "joining";

    public const string Up = "up";

    /// <summary>It was told to leave, or stops: it takes no new work and ends what runs.</summary>
    public const string Leaving = "leaving";

    /// <summary>It left, was downed, or its lease ended. This incarnation never comes back.</summary>
    public const string Down = "down";
}
