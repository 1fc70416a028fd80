using System.Globalization;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>Each fault by its name: how it is brought about, and what must be true of it besides what is true after all of them (<see cref="ProofWorld.ProveAsync"/>).</summary>
internal static partial class Faults
{
    public static IReadOnlyDictionary<string, Func<ProofWorld, Task>> All { get; } = new Dictionary<string, Func<ProofWorld, Task>>(StringComparer.Ordinal)
    {
        ["INV-08 INV-27 F-07 clocks two days apart, and one that jumps"] = ClocksApartAsync,
        ["INV-10 a result that was under way when the line stood still"] = LateResultAsync,
        ["INV-11 F-06 a node frozen for three leases"] = FrozenAsync,
        ["INV-12 a reaper that stands still between its look and its move"] = ReaperStandsAsync,
        ["INV-13 INV-14 three nodes that claim at once"] = ClaimsAtOnceAsync,
        ["INV-15 F-44 a line that brings nothing to the database"] = world => CutOffAsync(world, toServer: true, toClient: false),
        ["INV-15 F-44 a line that brings nothing from the database"] = world => CutOffAsync(world, toServer: false, toClient: true),
        ["INV-15 F-44 a line that brings nothing either way"] = world => CutOffAsync(world, toServer: true, toClient: true),
        ["INV-16 INV-17 a job that takes its nodes down"] = PoisonAsync,
        ["INV-19 a stop under load"] = StopAsync,
        ["INV-19 a node told to leave by another's command line"] = LeaveAsync,
        ["INV-20 INV-21 cancels from other nodes"] = CancelsAsync,
        ["INV-23 F-04 a leader killed at a schedule's tick"] = KilledAtTickAsync,
        ["INV-25 INV-26 parents that end on two nodes at once"] = ParentsAsync,
        ["F-01 a node killed during a submit"] = KilledInSubmitAsync,
        ["F-02 a node killed while it executes"] = KilledInRunAsync,
        ["F-03 a node killed between effect and result"] = KilledBeforeResultAsync,
        ["F-04 the reaper and the scheduler killed at their work"] = KilledAtDutyAsync,
        ["F-04 a node killed while it makes the tables"] = KilledInMigrationAsync,
        ["F-05 a storm of restarts"] = StormAsync,
        ["F-06 a pause of half a lease"] = world => PausedAsync(world, 0.5),
        ["F-06 a pause of a lease"] = world => PausedAsync(world, 1),
        ["F-40 the database stopped in order"] = world => RestartedAsync(world, () => Stopped(world, "fast")),
        ["F-40 the database stopped at once"] = world => RestartedAsync(world, () => Stopped(world, "immediate")),
        ["F-40 the database killed"] = world => RestartedAsync(world, world.Server.KillAsync),
        ["F-40 one of its processes killed"] = BackendKilledAsync,
        ["F-41 all connections ended"] = ConnectionsEndedAsync,
        ["F-42 a commit whose answer is lost"] = AnswerLostAsync,
        ["F-43 a slow database"] = SlowAsync,
        ["F-43 a lock on the table of jobs"] = LockedAsync,
        ["F-43 a trigger that sleeps"] = SleepingTriggerAsync,
        ["F-45 lines cut and mended in another order"] = SwizzledAsync,
        ["F-46 no connection left"] = ConnectionsTakenAsync,
        ["F-46 a pool of one connection"] = OneConnectionAsync,
        ["F-47 deadlocks and lock time-outs"] = DeadlocksAsync,
        ["F-47 transactions that cannot be serialised, and statements given up"] = CollisionsAsync,
        ["F-48 a database as it was seconds ago"] = OlderDatabaseAsync,
        ["F-49 a transaction held open"] = TransactionHeldAsync,
        ["F-50 hints lost"] = HintsLostAsync,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ITestOutputHelper Output => TestContext.Current.TestOutputHelper ?? throw new InvalidOperationException("No test runs.");

    /// <summary>Jobs go in through all nodes and run, a fault comes and goes in the midst of them, and in the end each was acknowledged and has succeeded.</summary>
    private static async Task<Load> UnderLoadAsync(ProofWorld world, Func<Load, Task> fault, int count = 900)
    {
        var load = new Load(world.Cluster);
        var squares = Enumerable.Range(0, count).Select(Load.Square).ToList();
        var longer = Enumerable.Range(0, 24).Select(n => Load.Witnessed(string.Create(CultureInfo.InvariantCulture, $$"""{"ms":{{300 + (n * 50)}},"key":"{{Guid.NewGuid():N}}"}"""))).ToList();
        await load.SendAsync(longer, 0, Ct);
        // In small pieces, so that the fault meets submits, claims and ends.
        var sending = Task.WhenAll(Enumerable.Range(0, 3).Select(async n =>
        {
            foreach (var piece in squares.Where((_, i) => i % 3 == n).Chunk(20)) await load.SendAsync(piece, n, Ct);
        }));
        await Task.Delay(150, Ct);
        await fault(load);
        await sending;
        List<Guid> all = [.. squares.Select(one => one.Id), .. longer.Select(one => one.Id)];
        await world.FinalAsync(all);
        Assert.Equal(all.Count, load.Acknowledged.Count);
        return load;
    }

    /// <summary>Runs of one job overlapped only after the first one's lease was over, or not at all.</summary>
    private static void NoOverlap(ProofWorld world, IReadOnlyCollection<Guid> jobs, Func<WitnessedRun, long> endOf)
    {
        foreach (var runs in world.Runs().Where(run => jobs.Contains(run.Job)).GroupBy(run => run.Job))
        {
            var ordered = runs.OrderBy(run => run.Attempt).ToList();
            for (var i = 1; i < ordered.Count; i++) Assert.False(ordered[i - 1].Overlaps(ordered[i], endOf), $"attempts of {runs.Key} overlap: {ordered[i - 1]} and {ordered[i]}");
        }
    }

    private static Task Stopped(ProofWorld world, string mode)
    {
        world.Server.Stop(mode);
        return Task.CompletedTask;
    }
}
