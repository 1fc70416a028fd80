using Npgsql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>A database that is there, and has little to give.</content>
internal static partial class Faults
{
    /// <summary>Jobs wait; leases do not.</summary>
    private static Task<Load> SleepingTriggerAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var fences = Fences(world);
        await world.Ledger.DoAsync("""
            CREATE FUNCTION sleepy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;
            CREATE TRIGGER sleepy AFTER UPDATE ON actorperf.job FOR EACH STATEMENT EXECUTE FUNCTION sleepy()
            """);
        try
        {
            await Task.Delay(ProofWorld.Lease, Ct);
        }
        finally
        {
            await world.Ledger.DoAsync("DROP FUNCTION sleepy CASCADE");
        }
        Assert.Equal(fences, Fences(world));
    });

    /// <summary>In a world of its own: what a node reads waits for its turn; the connection of its lease is no part of the pool.</summary>
    private static async Task OneConnectionAsync(ProofWorld shared)
    {
        await using var world = await ProofWorld.StartAsync(
            shared.Server, options => options with { Names = ["one", "two"], ConnectionString = options.ConnectionString + ";Maximum Pool Size=1" });
        await world.ProveAsync(Output, async () =>
        {
            await UnderLoadAsync(world, _ => Task.Delay(ProofWorld.Lease, Ct), count: 300);
            Assert.Equal(0, Fences(world));
        });
    }

    /// <summary>The server refuses what met another transaction, and gives up what takes long: all of it is tried again.</summary>
    private static Task<Load> CollisionsAsync(ProofWorld world) => UnderLoadAsync(world, async _ =>
    {
        var database = await world.Ledger.AskAsync<string>("SELECT current_database()::text");
        await world.Ledger.DoAsync($"ALTER DATABASE {database} SET default_transaction_isolation = 'repeatable read'; ALTER DATABASE {database} SET statement_timeout = '500ms'");
        await world.Ledger.TerminateAsync();
        try
        {
            await using var connection = await world.Ledger.OpenAsync();
            for (var i = 0; i < 3; i++)
            {
                await using var locked = new NpgsqlCommand(
                    "BEGIN; SET LOCAL statement_timeout = 0; LOCK TABLE actorperf.counter IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.8); COMMIT", connection);
                await locked.ExecuteNonQueryAsync();
            }
        }
        finally
        {
            await world.Ledger.DoAsync($"ALTER DATABASE {database} RESET default_transaction_isolation; ALTER DATABASE {database} RESET statement_timeout");
            await world.Ledger.TerminateAsync();
        }
    });
}
