using ActorPerf.Data;

namespace ActorPerf.Storage.Entities;

/// <param name="Next">The version it stands at afterwards; 0: none.</param>
/// <param name="Changes">Whether anything is to be written.</param>
/// <param name="Creates">Whether there is none yet, and will be.</param>
internal readonly record struct EntityDecision(WriteStatus Status, long Next, bool Changes, bool Creates = false)
{
    /// <summary>What the writer hears once it has taken place.</summary>
    public WriteOutcome At(DateTimeOffset now) => new(Status, Next, Status == WriteStatus.Written ? now : default) { Created = Creates };
}

/// <summary>What becomes of a write. Pure; every store asks here, inside its transaction.</summary>
internal static class EntityRules
{
    /// <param name="version">Where the entity stands; 0: there is none.</param>
    /// <param name="floor">The highest version at which an entity of this kind was deleted; a new one starts above it, so no version of a key comes twice.</param>
    public static EntityDecision Decide(EntityWrite write, long version, long floor)
    {
        if (write.IfVersion is { } wanted && wanted != version) return new EntityDecision(WriteStatus.Conflict, version, false);
        return write switch
        {
            EntityWrite.Insert when version > 0 => new EntityDecision(WriteStatus.Exists, version, false),
            EntityWrite.Update when version == 0 => new EntityDecision(WriteStatus.Missing, 0, false),
            EntityWrite.Delete => new EntityDecision(WriteStatus.Written, 0, version > 0),
            _ => new EntityDecision(WriteStatus.Written, version > 0 ? version + 1 : floor + 1, true, Creates: version == 0),
        };
    }

    /// <summary>The JSON of a write; empty for a delete.</summary>
    public static ReadOnlyMemory<byte> DataOf(EntityWrite write) => write switch
    {
        EntityWrite.Put put => put.Data,
        EntityWrite.Insert insert => insert.Data,
        EntityWrite.Update update => update.Data,
        _ => default,
    };

    /// <summary>Which keys stand in a commit's way, reads first; none when it may take place.</summary>
    public static IReadOnlyList<Key> Conflicts(EntityCommit commit, IReadOnlyList<long> readVersions, IReadOnlyList<EntityDecision> decisions)
    {
        List<Key>? keys = null;
        for (var i = 0; i < commit.Reads.Count; i++)
            if (commit.Reads[i].Version != readVersions[i]) (keys ??= []).Add(commit.Reads[i].Key);
        for (var i = 0; i < commit.Writes.Count; i++)
            if (decisions[i].Status != WriteStatus.Written && keys?.Contains(commit.Writes[i].Key) != true) (keys ??= []).Add(commit.Writes[i].Key);
        return keys ?? (IReadOnlyList<Key>)[];
    }

    /// <summary>The answer to a commit that did not take place: a write that nothing was wrong with did not take place either.</summary>
    /// <param name="versions">Where the entities of the writes stand.</param>
    public static CommitOutcome Refused(IReadOnlyList<EntityDecision> decisions, IReadOnlyList<long> versions, IReadOnlyList<Key> conflicts)
    {
        var outcomes = new WriteOutcome[decisions.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = new WriteOutcome(decisions[i].Status == WriteStatus.Written ? WriteStatus.Conflict : decisions[i].Status, versions[i], default);
        return new CommitOutcome(outcomes, conflicts);
    }
}
