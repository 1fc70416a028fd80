using ActorPerf.Cluster;

namespace ActorPerf.Tests.Cluster;

public sealed class MemberRulesTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private ClusterView _view = ClusterView.Empty with { Now = Noon };

    [Fact]
    public void A_node_joins_and_is_up_when_it_says_so()
    {
        Join("a", 1);
        Assert.Equal(MemberStatus.Joining, Row("a").Status);
        Assert.Equal((Noon, Noon, Noon + Lease), (Row("a").UpSince, Row("a").LastHeartbeat, Row("a").LeaseUntil));
        Pass(10);
        Renew("a", 1);
        Assert.Equal(MemberStatus.Up, Row("a").Status);
        Assert.Equal((Noon, Noon.AddSeconds(10), Noon.AddSeconds(40)), (Row("a").UpSince, Row("a").LastHeartbeat, Row("a").LeaseUntil));
    }

    [Theory]
    [InlineData(0, true, false)]
    [InlineData(19.999, true, false)]
    [InlineData(20, true, true)]
    [InlineData(29.999, true, true)]
    [InlineData(30, false, true)]
    public void A_third_of_the_lease_before_its_end_a_member_is_unreachable_and_at_its_end_it_is_dead(double seconds, bool alive, bool unreachable)
    {
        Up("a", 1);
        Pass(seconds);
        var shown = MemberRules.Shown(Row("a"), _view.Now);
        Assert.Equal((alive, unreachable), (MemberRules.IsAlive(Row("a"), _view.Now), shown.Unreachable));
        Assert.Equal(alive ? MemberStatus.Up : MemberStatus.Down, shown.Status);
    }

    [Fact]
    public void A_lease_that_is_over_is_not_renewed_even_where_nobody_has_noticed()
    {
        Up("a", 1);
        Pass(30);
        Assert.Equal("its lease had ended", Refused(new MemberCommand.Renew(Self("a", 1), Lease)));
        Join("a", 2);
        Assert.Equal(Of(2), Row("a").Incarnation);
    }

    [Fact]
    public void A_name_is_not_taken_from_a_node_that_lives_elsewhere()
    {
        Up("a", 1);
        var refusal = Refused(new MemberCommand.Join(Self("a", 2) with { Address = "http://other:1" }, Lease) { TakesOver = true });
        Assert.StartsWith("The name a belongs to a node at http://a, whose lease runs until 12:00:30 UTC.", refusal, StringComparison.Ordinal);
        Pass(30);
        Assert.IsType<MemberReply.Done>(Apply(new MemberCommand.Join(Self("a", 2) with { Address = "http://other:1" }, Lease)));
    }

    [Fact]
    public void A_process_that_starts_where_another_listened_follows_it_at_once_and_one_that_comes_back_does_not()
    {
        Up("a", 1);
        Apply(new MemberCommand.Join(Self("a", 2), Lease) { TakesOver = true });
        Assert.Equal(Of(2), Row("a").Incarnation);
        Assert.Equal("another node took its name, at http://a", Refused(new MemberCommand.Renew(Self("a", 1), Lease)));
        Assert.Contains("belongs to a node", Refused(new MemberCommand.Join(Self("a", 3), Lease) { Former = Of(1) }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_comes_back_may_follow_its_own_incarnation()
    {
        Up("a", 1);
        Apply(new MemberCommand.Join(Self("a", 2), Lease) { Former = Of(1) });
        Assert.Equal((Of(2), MemberStatus.Joining), (Row("a").Incarnation, Row("a").Status));
        // A repeat whose first answer was lost.
        Assert.IsType<MemberReply.Done>(Apply(new MemberCommand.Join(Self("a", 2), Lease) { Former = Of(1) }));
    }

    [Fact]
    public void Who_was_told_to_leave_stays_leaving_whatever_it_says_until_it_ends()
    {
        Up("a", 1);
        Assert.Equal(["a"], Changed(new MemberCommand.Leave("a")));
        Assert.Empty(Changed(new MemberCommand.Leave("a")));
        Renew("a", 1);
        Assert.Equal(MemberStatus.Leaving, Row("a").Status);
        Apply(new MemberCommand.End("a", Of(1)));
        Assert.Equal((MemberStatus.Down, false), (Row("a").Status, MemberRules.IsUnreachable(Row("a"), _view.Now)));
        Assert.Contains("is down already", Refused(new MemberCommand.Leave("a")), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_was_told_to_leave_and_comes_back_before_it_heard_of_it_is_told_again()
    {
        Up("a", 1);
        Apply(new MemberCommand.Leave("a"));
        Apply(new MemberCommand.Join(Self("a", 2), Lease) { Former = Of(1) });
        Assert.Equal((Of(2), MemberStatus.Leaving), (Row("a").Incarnation, Row("a").Status));
        Renew("a", 2);
        Assert.Equal(MemberStatus.Leaving, Row("a").Status);
        // Another node of that name was asked nothing.
        Pass(60);
        Apply(new MemberCommand.Join(Self("a", 3), Lease));
        Assert.Equal(MemberStatus.Joining, Row("a").Status);
    }

    [Fact]
    public void Who_was_downed_is_dead_at_once_and_learns_it_when_it_renews()
    {
        Up("a", 1);
        Assert.Equal(["a"], Changed(new MemberCommand.Down("a")));
        Assert.Empty(_view.Living);
        Assert.Empty(Changed(new MemberCommand.Down("a")));
        Assert.Equal("it was downed", Refused(new MemberCommand.Renew(Self("a", 1), Lease)));
    }

    [Fact]
    public void Only_the_unreachable_are_downed_together()
    {
        Up("a", 1);
        Up("b", 2);
        Pass(20);
        Renew("b", 2);
        Assert.Equal(["a"], Changed(new MemberCommand.DownUnreachable()));
        Assert.Equal([Of(2)], _view.Living);
        Assert.True(MemberRules.Shown(Row("a"), _view.Now).Unreachable);
    }

    [Fact]
    public void A_name_that_nobody_has_is_told_with_those_that_there_are()
    {
        Up("a", 1);
        Up("b", 2);
        Assert.Equal("There is no node named c. There are a, b.", Assert.IsType<MemberReply.Unknown>(Apply(new MemberCommand.Down("c"))).Detail);
        Assert.IsType<MemberReply.Unknown>(Apply(new MemberCommand.Leave("c")));
    }

    [Fact]
    public void The_oldest_that_is_up_leads_and_goes_on_leading_until_it_may_not()
    {
        Join("a", 1);
        Up("b", 2);
        Assert.Equal((Of(2), 1), (_view.Leader.Incarnation, _view.Leader.Epoch));
        Renew("a", 1);
        Assert.Equal(Of(2), _view.Leader.Incarnation);
        Up("c", 3);
        Apply(new MemberCommand.Leave("b"));
        Assert.Equal((Of(1), 2), (_view.Leader.Incarnation, _view.Leader.Epoch));
        Apply(new MemberCommand.Down("a"));
        Apply(new MemberCommand.Down("c"));
        Assert.Equal((Guid.Empty, 4), (_view.Leader.Incarnation, _view.Leader.Epoch));
        Assert.Null(_view.LeadingMember);
    }

    [Fact]
    public void A_leader_whose_lease_is_over_is_followed_by_whoever_renews_next()
    {
        Up("a", 1);
        Up("b", 2);
        Pass(20);
        Renew("b", 2);
        Assert.False(MemberRules.WantsElection(_view));
        Pass(10);
        Assert.True(MemberRules.WantsElection(_view));
        Renew("b", 2);
        Assert.Equal((Of(2), 2), (_view.Leader.Incarnation, _view.Leader.Epoch));
        Assert.Equal(MemberStatus.Down, Row("a").Status);
    }

    [Fact]
    public void A_member_that_is_down_is_shown_for_a_day()
    {
        Up("a", 1);
        Up("b", 2);
        Apply(new MemberCommand.End("a", Of(1)));
        Pass(24 * 3600 - 1);
        Join("c", 3);
        Assert.NotNull(_view.Find("a"));
        Pass(1);
        Join("d", 4);
        Assert.Null(_view.Find("a"));
    }

    [Fact]
    public void A_lease_without_end_ends_by_a_word_alone()
    {
        Apply(new MemberCommand.Join(Self("a", 1), null));
        Apply(new MemberCommand.Renew(Self("a", 1), null));
        Pass(1e6);
        Assert.Equal((true, false), (MemberRules.IsAlive(Row("a"), _view.Now), MemberRules.IsUnreachable(Row("a"), _view.Now)));
        Apply(new MemberCommand.Down("a"));
        Assert.False(MemberRules.IsAlive(Row("a"), _view.Now));
    }

    [Fact]
    public void A_store_writes_the_rows_that_changed_and_no_others()
    {
        Up("a", 1);
        Up("b", 2);
        var before = _view;
        Renew("b", 2);
        var renewal = MemberChanges.Between(before, _view);
        Assert.Equal(("b", 0, null), (Assert.Single(renewal.Written).Name, renewal.Deleted.Count, renewal.Leader));
        before = _view;
        Apply(new MemberCommand.Down("a"));
        var downing = MemberChanges.Between(before, _view);
        Assert.Equal(("a", Of(2)), (Assert.Single(downing.Written).Name, downing.Leader?.Incarnation));
    }

    [Fact]
    public void Whatever_four_things_happen_to_two_nodes_the_invariants_hold() => Explore(_view, 4, []);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_happens_for_long_to_three_nodes_the_invariants_hold(int seed)
    {
        var random = new Random(seed);
        for (var walk = 0; walk < 50; walk++)
        {
            var (view, dead) = (ClusterView.Empty with { Now = Noon }, new HashSet<Guid>());
            for (var step = 0; step < 60; step++)
            {
                var choices = Choices(view, ["a", "b", "c"]).ToArray();
                view = Step(view, choices[random.Next(choices.Length)], dead);
            }
        }
    }

    private static void Explore(ClusterView view, int steps, HashSet<Guid> dead)
    {
        if (steps == 0) return;
        foreach (var choice in Choices(view, ["a", "b"]))
        {
            var known = new HashSet<Guid>(dead);
            Explore(Step(view, choice, known), steps - 1, known);
        }
    }

    private static IEnumerable<Func<ClusterView, (ClusterView After, MemberCommand? Command)>> Choices(ClusterView view, string[] names)
    {
        foreach (var seconds in new[] { 10.0, 30 }) yield return now => (now with { Now = now.Now.AddSeconds(seconds) }, null);
        var commands = names.SelectMany(name =>
        {
            var next = Self(name, view.Members.Count == 0 ? 1 : 1 + view.Members.Max(member => member.Running)) with { Status = MemberStatus.Up };
            var current = view.Find(name);
            return new MemberCommand[]
            {
                new MemberCommand.Join(next with { Status = MemberStatus.Joining }, Lease) { TakesOver = true },
                new MemberCommand.Join(next with { Status = MemberStatus.Joining }, Lease) { Former = current?.Incarnation },
                new MemberCommand.Renew(current is null ? next : next with { Incarnation = current.Incarnation, Running = current.Running }, Lease),
                new MemberCommand.Leave(name), new MemberCommand.Down(name), new MemberCommand.End(name, current?.Incarnation ?? Guid.Empty),
            };
        });
        foreach (var command in commands.Append(new MemberCommand.DownUnreachable()))
            yield return now => (MemberRules.Decide(now, command) is MemberReply.Done done ? done.View : now, command);
    }

    private static ClusterView Step(ClusterView before, Func<ClusterView, (ClusterView After, MemberCommand? Command)> choice, HashSet<Guid> dead)
    {
        var (after, command) = choice(before);
        var living = after.Living.ToHashSet();
        // Dead is dead.
        dead.UnionWith(before.Members.Select(member => member.Incarnation).Where(incarnation => !living.Contains(incarnation)));
        if (living.Overlaps(dead)) Assert.Fail($"An incarnation lives again after {command}.");
        if (after.Members.Select(member => member.Name).Distinct().Count() != after.Members.Count) Assert.Fail($"A name stands twice after {command}.");
        if (!after.Members.SequenceEqual(after.Members.OrderBy(member => member.UpSince).ThenBy(member => member.Name, StringComparer.Ordinal)))
            Assert.Fail($"Not oldest first after {command}.");
        // One leads, and another only after it in a later epoch.
        if (command is null) return after;
        Assert.Equal(before.Leader.Incarnation == after.Leader.Incarnation ? before.Leader.Epoch : before.Leader.Epoch + 1, after.Leader.Epoch);
        var up = after.Members.Where(member => member.Status == MemberStatus.Up && living.Contains(member.Incarnation)).ToArray();
        if (before.Leader != after.Leader) Assert.Equal(up.Length == 0 ? Guid.Empty : up[0].Incarnation, after.Leader.Incarnation);
        else if (MemberRules.WantsElection(before) != MemberRules.WantsElection(after)) Assert.Fail($"Nobody leads though somebody could after {command}.");
        return after;
    }

    private static Guid Of(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    // The number of the incarnation rides in Running, so that the next one is found.
    private static Member Self(string name, int number) => new(
        name, $"http://{name}", ["web"], MemberStatus.Joining, false, "1.0.0", Of(number), default, default, 0, 0, number, []);

    private Member Row(string name) => _view.Find(name) ?? throw new InvalidOperationException($"No row of {name}.");

    private void Pass(double seconds) => _view = _view with { Now = _view.Now.AddSeconds(seconds) };

    private MemberReply Apply(MemberCommand command)
    {
        var reply = MemberRules.Decide(_view, command);
        if (reply is MemberReply.Done done) _view = done.View;
        return reply;
    }

    private void Join(string name, int number) => Assert.IsType<MemberReply.Done>(Apply(new MemberCommand.Join(Self(name, number), Lease)));

    private void Renew(string name, int number) =>
        Assert.IsType<MemberReply.Done>(Apply(new MemberCommand.Renew(Self(name, number) with { Status = MemberStatus.Up }, Lease)));

    private void Up(string name, int number)
    {
        Join(name, number);
        Renew(name, number);
    }

    private string Refused(MemberCommand command) => Assert.IsType<MemberReply.Refused>(Apply(command)).Detail;

    private IEnumerable<string> Changed(MemberCommand command) => Assert.IsType<MemberReply.Done>(Apply(command)).Changed.Select(member => member.Name);
}
