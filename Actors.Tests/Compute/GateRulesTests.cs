using ActorPerf.Compute;

namespace ActorPerf.Tests.Compute;

public sealed class GateRulesTests
{
    private const double Quarter = 0.25;

    [Theory]
    [InlineData(16, 12)]
    [InlineData(4, 3)]
    [InlineData(3, 3)]
    [InlineData(1, 1)]
    public void Jobs_leave_a_quarter_to_computations(int routees, int granted) =>
        Assert.Equal(granted, Settle(new GateState { Routees = routees, Wanted = 1_000 }).Granted);

    [Fact]
    public void A_computation_finds_a_permit_although_jobs_fill_the_pool()
    {
        var full = Settle(new GateState { Routees = 16, Wanted = 1_000 });
        Assert.Equal(GateStep.StartCompute, GateRules.Next(full with { Waiting = 1 }, Quarter));
    }

    [Theory]
    [InlineData(16, 9)]
    [InlineData(4, 3)]
    public void While_jobs_wait_computations_hold_at_most_half_plus_one(int routees, int computes)
    {
        var settled = Settle(new GateState { Routees = routees, Waiting = 1_000, Wanted = 1_000 });
        Assert.Equal(computes, settled.Computes);
        Assert.Equal(routees - computes, settled.Granted);
    }

    [Fact]
    public void Without_jobs_computations_may_hold_all() => Assert.Equal(16, Settle(new GateState { Routees = 16, Waiting = 1_000 }).Computes);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void In_a_small_pool_neither_side_starves(int routees)
    {
        var gate = new GateState { Routees = routees, Waiting = 1_000, Wanted = 1_000 };
        var (jobs, computes) = (0, 0);
        for (var turn = 0; turn < 100; turn++)
        {
            gate = Settle(gate);
            if (gate.Granted > 0)
            {
                gate = gate with { Granted = gate.Granted - 1 };
                jobs++;
            }
            else
            {
                gate = GateRules.Ended(gate, RunKind.Compute);
                computes++;
            }
        }
        Assert.InRange(jobs, 30, 70);
        Assert.InRange(computes, 30, 70);
    }

    [Fact]
    public void A_closed_gate_grants_jobs_nothing_and_computes_go_on()
    {
        var closed = Settle(new GateState { Routees = 4, Wanted = 10, Waiting = 2, Closed = true });
        Assert.Equal((0, 2), (closed.Granted, closed.Computes));
    }

    [Fact]
    public void Permits_are_conserved_whatever_happens()
    {
        for (var seed = 0; seed < (FullRun.SkipReason is null ? 300 : 30); seed++)
        {
            var random = new Random(seed);
            var gate = default(GateState);
            for (var step = 0; step < 400; step++)
            {
                gate = Settle(Disturb(gate, random));
                Assert.True(gate is { Routees: >= 0, Jobs: >= 0, Computes: >= 0, Granted: >= 0, Parked: >= 0, Waiting: >= 0, Wanted: >= 0 }, $"seed {seed}, step {step}: {gate}");
                Assert.True(gate.Jobs + gate.Computes <= gate.Routees, $"seed {seed}, step {step}: more runs than routees in {gate}");
                var promised = gate.Jobs + gate.Computes + gate.Granted + gate.Parked + gate.Open;
                Assert.True(gate.Free == Math.Max(0, gate.Routees - promised), $"seed {seed}, step {step}: permits lost in {gate}");
                Assert.True(gate.Parked == 0 || gate.Idle == 0, $"seed {seed}, step {step}: a job waits beside an idle routee in {gate}");
                Assert.True(gate.Open >= 0 && (gate.Open == 0 || (gate is { Waiting: 0, Wanted: 0 } && promised <= gate.Routees)), $"seed {seed}, step {step}: permits lie open that somebody needs in {gate}");
                Assert.True(gate.Open == 0 || gate.HeldByJobs + gate.Open <= gate.Routees - (int)(gate.Routees * Quarter), $"seed {seed}, step {step}: the reserve lies open in {gate}");
                Assert.True(gate.Free == 0 || gate.Waiting == 0 || gate.Wanted > 0, $"seed {seed}, step {step}: a computation waits beside a free permit in {gate}");
            }
        }
    }

    [Theory]
    [InlineData(16, 12)]
    [InlineData(4, 3)]
    [InlineData(1, 1)]
    public void What_nobody_waits_for_lies_open_to_jobs_but_for_the_reserve(int routees, int open)
    {
        var gate = Settle(new GateState { Routees = routees });
        Assert.Equal(open, gate.Open);
        Assert.Equal(open, GateRules.ToLayOpen(gate, Quarter));
    }

    [Fact]
    public void Open_permits_are_withdrawn_for_a_computation_that_finds_nothing_else_and_for_a_dispatcher()
    {
        var open = Settle(new GateState { Routees = 4 });
        Assert.Equal((1, 2), (Settle(open with { Waiting = 1 }).Computes, Settle(open with { Waiting = 2 }).Computes));
        var wanted = Settle(open with { Wanted = 10 });
        Assert.Equal((3, 0), (wanted.Granted, wanted.Open));
        Assert.Equal(0, Settle(open with { Closed = true }).Open);
    }

    /// <summary>What a gate does after each message.</summary>
    private static GateState Settle(GateState gate)
    {
        while (true)
        {
            if (GateRules.MustWithdraw(gate)) gate = gate with { Open = 0 };
            var step = GateRules.Next(gate, Quarter);
            if (step == GateStep.None) return gate with { Open = GateRules.ToLayOpen(gate, Quarter) };
            gate = GateRules.Apply(gate, step);
        }
    }

    private static GateState Disturb(GateState gate, Random random) => random.Next(10) switch
    {
        0 or 1 when gate.Routees < 12 => GateRules.Announced(gate),
        2 when gate.Idle > 0 => GateRules.Lost(gate, RunKind.Nothing),
        3 when gate.Jobs > 0 => random.Next(4) == 0 ? GateRules.Lost(gate, RunKind.Job) : GateRules.Ended(gate, RunKind.Job),
        4 when gate.Computes > 0 => random.Next(4) == 0 ? GateRules.Lost(gate, RunKind.Compute) : GateRules.Ended(gate, RunKind.Compute),
        5 when gate.Granted > 0 => random.Next(2) == 0 ? GateRules.JobArrived(gate, granted: true) : gate with { Granted = gate.Granted - 1 },
        6 => gate with { Wanted = random.Next(20) },
        7 => gate with { Waiting = gate.Waiting + random.Next(3) },
        8 => gate with { Closed = random.Next(3) == 0 },
        9 when gate.Open > 0 => GateRules.Taken(gate, random.Next(gate.Open + 1)),
        _ => gate,
    };
}
