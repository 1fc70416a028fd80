using System.Diagnostics;
using System.Globalization;
using ActorPerf.TestKit.MultiNode;
using Npgsql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>What happens to the database, and to the lines that lead there.</content>
internal static partial class Faults
{
    private static Task<Load> RestartedAsync(ProofWorld world, Func<Task> stop) => UnderLoadAsync(world, async _ =>
    {
        await stop();
        await Task.Delay(500, Ct);
        // After a kill its other processes need a moment before they let go of its files.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                world.Server.Start();
                return;
            }
            catch (InvalidOperationException) when (attempt < 150)
            {
                await Task.Delay(200, Ct);
            }
        }
    });

    /// <summary>The server resets itself, with all its connections.</summary>
    private static Task<Load> BackendKilledAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        using var backend = Process.GetProcessById(await world.Ledger.AskAsync<int>(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'ledger' AND backend_type = 'client backend' LIMIT 1"));
        backend.Kill();
    });

    private static Task<Load> ConnectionsEndedAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        for (var i = 0; i < 4; i++)
        {
            await world.Ledger.UntilAsync("nodes have connections that can end", async () => await world.Ledger.TerminateAsync() > 0);
            await Task.Delay(250, Ct);
        }
    });

    /// <summary>Nobody knows whether it took place, until the store has been asked: what was acknowledged did, and nothing did twice.</summary>
    private static Task<Load> AnswerLostAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        for (var i = 0; i < 3; i++)
        {
            var lost = Task.WhenAll(world.Nodes.Select(node => node.Database.LoseAnswerAsync("COMMIT")));
            // The load may be over before the fault has come to every node.
            await world.Ledger.UntilAsync("every node has lost an answer", async () =>
            {
                for (var node = 0; node < world.Nodes.Count && !lost.IsCompleted; node++) await new Load(world.Cluster).SendAsync([Load.Square(i)], node, Ct);
                return lost.IsCompleted;
            });
        }
    }, count: 1800);

    /// <summary>Slow, narrow, both, and then slower than a lease is long: whoever cannot renew fences itself, and comes back.</summary>
    private static Task<Load> SlowAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        foreach (var node in world.Nodes) (node.Database.ToServer.Delay, node.Database.ToClient.Delay) = (TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(25));
        await Task.Delay(1500, Ct);
        foreach (var node in world.Nodes) node.Database.ToClient.BytesPerSecond = 64 * 1024;
        await Task.Delay(1000, Ct);
        world.Nodes[2].Database.ToServer.Delay = TimeSpan.FromMilliseconds(600);
        await Task.Delay(2500, Ct);
        foreach (var node in world.Nodes) node.Database.Mend();
        foreach (var node in world.Nodes) await node.ReadyAsync(Ct);
        var (slowest, fences) = (world.Nodes[1], Fences(world));
        slowest.Database.ToServer.Delay = TimeSpan.FromSeconds(5);
        await world.Ledger.UntilAsync("a node whose every word takes longer than its lease fences itself", () => Task.FromResult(Fences(world) > fences));
        slowest.Database.Mend();
    });

    /// <summary>Jobs wait; leases do not.</summary>
    private static Task<Load> LockedAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var fences = Fences(world);
        await using (var connection = await world.Ledger.OpenAsync())
        await using (var command = new NpgsqlCommand("BEGIN; LOCK TABLE actorperf.job IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT", connection))
            await command.ExecuteNonQueryAsync();
        Assert.Equal(fences, Fences(world));
    });

    /// <summary>Never all at once, and each comes back at another time than it went.</summary>
    private static Task<Load> SwizzledAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var random = new Random(7);
        foreach (var node in world.Nodes.OrderBy(_ => random.Next()))
        {
            if (random.Next(2) == 0) node.Database.Cut();
            else node.Database.ToServer.Hold();
            await Task.Delay(600, Ct);
        }
        foreach (var node in world.Nodes.OrderBy(_ => random.Next()))
        {
            await Task.Delay(600, Ct);
            node.Database.Mend();
        }
    });

    /// <summary>Somebody else has all of them; the node's own for its lease stands.</summary>
    private static Task<Load> ConnectionsTakenAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var fences = Fences(world);
        var taken = new List<NpgsqlConnection>();
        try
        {
            while (true) taken.Add(await world.Ledger.OpenAsync());
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await Task.Delay((int)(1.5 * ProofWorld.Lease.TotalMilliseconds), Ct);
        }
        finally
        {
            foreach (var connection in taken) await connection.DisposeAsync();
        }
        Assert.Equal(fences, Fences(world));
    });

    /// <summary>Somebody locks rows in another order than the nodes do, and the server gives up on whoever waits long.</summary>
    private static Task<Load> DeadlocksAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var database = await world.Ledger.AskAsync<string>("SELECT current_database()::text");
        await world.Ledger.DoAsync($"ALTER DATABASE {database} SET lock_timeout = '150ms'; ALTER DATABASE {database} SET deadlock_timeout = '50ms'");
        await world.Ledger.TerminateAsync();
        try
        {
            await using var connection = await world.Ledger.OpenAsync();
            for (var i = 0; i < 12; i++)
            {
                try
                {
                    await using var crossed = new NpgsqlCommand(
                        """
                        BEGIN; SET LOCAL lock_timeout = 0;
                        SELECT count(*) FROM (SELECT 1 FROM actorperf.counter FOR UPDATE) a; SELECT pg_sleep(0.1);
                        SELECT count(*) FROM (SELECT 1 FROM actorperf.job WHERE state < 10 ORDER BY seq DESC FOR UPDATE) b; SELECT pg_sleep(0.2); COMMIT
                        """, connection);
                    await crossed.ExecuteNonQueryAsync();
                }
                catch (PostgresException deadlock) when (deadlock.SqlState == PostgresErrorCodes.DeadlockDetected)
                {
                    await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
                    await rollback.ExecuteNonQueryAsync();
                }
            }
        }
        finally
        {
            await world.Ledger.DoAsync($"ALTER DATABASE {database} RESET lock_timeout; ALTER DATABASE {database} RESET deadlock_timeout");
            await world.Ledger.TerminateAsync();
        }
    });

    /// <summary>What was acknowledged behind the copy is gone with the server that had it. What the copy has is whole, and goes on; whoever waits is told, on every node.</summary>
    private static async Task OlderDatabaseAsync(ProofWorld world)
    {
        await world.WorkAsync(60);
        var kept = await world.BeginAsync(world.Nodes[0], 12, """{"ms":4000,"key":"KEY"}""");
        world.Server.Stop("fast");
        var copy = world.Server.Copy();
        world.Server.Start();
        foreach (var node in world.Nodes) await node.ReadyAsync(Ct);
        await world.FinalAsync(kept);
        await world.WorkAsync(600);
        world.Server.Stop("immediate");
        world.Server.Restore(copy);
        world.Server.Start();
        foreach (var node in world.Nodes) await node.ReadyAsync(Ct);
        await world.FinalAsync(kept, TimeSpan.FromSeconds(30));
        // Over all nodes: taken on one, run anywhere, heard of on another, and not only when somebody asks again.
        foreach (var (taker, waiter) in world.Nodes.Zip(world.Nodes.Skip(1).Append(world.Nodes[0])))
        {
            var id = await world.Api(taker).SubmitAsync($$$"""{"task":"witness","args":{"ms":300,"key":"{{{Guid.NewGuid():N}}}"}}""");
            var heard = await world.Api(waiter).PostAsync("/jobs/wait", $$"""{"ids":["{{id}}"],"mode":"all","timeout":"30s"}""");
            Assert.Equal(0, heard.Body.GetProperty("pending").GetArrayLength());
            Assert.True(heard.Body.GetProperty("done")[0].GetProperty("attempt").GetInt32() >= 1);
        }
        foreach (var node in world.Nodes)
            await world.Ledger.UntilAsync($"{node.Name} says that the database is an older one", () => Task.FromResult(node.Log.Contains("The database is older", StringComparison.Ordinal)));
        await world.WorkAsync(60, first: 1);
    }

    /// <summary>Somebody forgot to commit, for as long as the load lasts: jobs go on, and whoever waits for one is told.</summary>
    private static async Task TransactionHeldAsync(ProofWorld world)
    {
        var alone = await world.WorkAsync(900);
        await using (var connection = await world.Ledger.OpenAsync())
        {
            await using var begin = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT count(*) FROM actorperf.job", connection);
            await begin.ExecuteNonQueryAsync();
            var held = await world.WorkAsync(900, first: 1);
            var id = await world.Api(world.Nodes[0]).SubmitAsync("""{"task":"square","args":{"n":31}}""");
            await world.Api(world.Nodes[1]).ReachesAsync(id, "succeeded");
            // A machine that does other things, too, is not so even that half could be told from whole; five times as long could.
            foreach (var node in world.Nodes)
                await world.Ledger.UntilAsync($"{node.Name} says whose it is and how to end it", () => Task.FromResult(node.Log.Contains($"pg_terminate_backend({connection.ProcessID})", StringComparison.Ordinal)));
            Assert.True(held < (5 * alone) + TimeSpan.FromSeconds(2), $"{held} beside a held transaction, {alone} without");
        }
    }

    /// <summary>Who hears no hint looks by itself, at every poll.</summary>
    private static async Task HintsLostAsync(ProofWorld world)
    {
        var (worst, bound) = (TimeSpan.Zero, world.Cluster.Options.Poll + TimeSpan.FromSeconds(2));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        // As often as they are opened: whoever listens or tells has no time to.
        var dropping = DropAsync(world, over.Token);
        for (var i = 0; i < 5; i++)
        {
            var best = TimeSpan.MaxValue;
            // Other work on the machine may slow one try down; nothing makes one faster than it is.
            for (var attempt = 0; attempt < 4 && best >= bound; attempt++)
            {
                var id = await world.Api(world.Nodes[i % 3]).SubmitAsync(string.Create(CultureInfo.InvariantCulture, $$$"""{"task":"square","args":{"n":{{{9000 + i}}}}}"""));
                var since = Stopwatch.GetTimestamp();
                await world.Api(world.Nodes[(i + 1) % 3]).ReachesAsync(id, "succeeded");
                if (Stopwatch.GetElapsedTime(since) is var took && took < best) best = took;
            }
            if (best > worst) worst = best;
        }
        await over.CancelAsync();
        Assert.True(await dropping > 5, "no connection that listens or tells was dropped again and again");
        Assert.True(worst < bound, $"heard of after {worst}");
    }

    /// <returns>How many connections were dropped.</returns>
    private static async Task<long> DropAsync(ProofWorld world, CancellationToken over)
    {
        for (var dropped = 0L; ; dropped += await world.Ledger.TerminateAsync("query ILIKE 'LISTEN%' OR query ILIKE '%pg_notify%' OR query ILIKE 'NOTIFY%'"))
        {
            if (over.IsCancellationRequested) return dropped;
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static int Fences(ProofWorld world) => world.Nodes.Sum(node => node.Log.Split("This node is fenced").Length - 1);
}
