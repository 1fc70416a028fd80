namespace ActorPerf.Cluster;

/// <summary>What can be asked of the member rows. Each is one transaction over all of them, decided by <see cref="MemberRules"/>.</summary>
public abstract record MemberCommand
{
    private MemberCommand()
    {
    }

    /// <summary>A node's process, or its next incarnation, becomes a member.</summary>
    /// <param name="Self">As it is to stand there; its times are the store's, whatever it says.</param>
    /// <param name="Lease">Null: it has the store for itself, and its lease never ends.</param>
    public sealed record Join(Member Self, TimeSpan? Lease) : MemberCommand
    {
        /// <summary>The incarnation that this one follows in the same process; its row is free for it.</summary>
        public Guid? Former { get; init; }

        /// <summary>Whether a living row of the same name and address is that of an earlier process, which is then over. True for a process that starts: it
        /// listens where the other did. False for a node that comes back, so that two of one name do not take turns.</summary>
        public bool TakesOver { get; init; }
    }

    /// <summary>A member says that it lives, and how it is.</summary>
    public sealed record Renew(Member Self, TimeSpan? Lease) : MemberCommand;

    /// <summary>A member is to end its work and leave.</summary>
    public sealed record Leave(string Name) : MemberCommand;

    /// <summary>A member is dead from here on, whether it knows or not.</summary>
    public sealed record Down(string Name) : MemberCommand;

    /// <summary>Every member that is unreachable is dead from here on.</summary>
    public sealed record DownUnreachable : MemberCommand;

    /// <summary>A member has ended its work and goes.</summary>
    public sealed record End(string Name, Guid Incarnation) : MemberCommand;
}

/// <summary>What came of a <see cref="MemberCommand"/>.</summary>
public abstract record MemberReply
{
    private MemberReply()
    {
    }

    /// <param name="View">As it stands now, durably.</param>
    /// <param name="Changed">The members that an operator's command changed; empty when it had been so already.</param>
    public sealed record Done(ClusterView View, IReadOnlyList<Member> Changed) : MemberReply;

    /// <summary>There is no member of that name.</summary>
    public sealed record Unknown(string Detail) : MemberReply;

    /// <summary>Not as things stand; nothing changed. To a renewal: this incarnation is dead.</summary>
    public sealed record Refused(string Detail) : MemberReply;
}
