using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Scenarios;

/// <summary>What reading entities costs before anything gathers them: a statement for each key beside hand-written statements for many.</summary>
internal sealed class DataStatements : IScenario
{
    private const int Entities = 1_000_000;
    private const int Callers = 256;
    private const int Batch = 128;

    public string Name => "data-statements";

    public string Promises => "reads of entities, one statement a key from 256 callers, beside hand-written statements of 128 keys; for orientation";

    public async Task RunAsync(Pace pace, Report report)
    {
        using var folder = new DataFolder();
        await using (var sqlite = new SqliteEntityReads(folder.File("entities.db")))
        {
            await CompareAsync("SQLite", sqlite, pace, report);
            var forms = await Pairs.RunAsync(pace, window => Joined(sqlite, joined: true, window), window => Joined(sqlite, joined: false, window));
            report.Add(forms.Figures("SQLite, json_each beside a loop", "read", null, null));
        }
        if (PostgresEntityReads.ConnectionString is not { } connectionString)
        {
            report.Say(PostgresEntityReads.LeftOut);
            return;
        }
        await using var postgres = await PostgresEntityReads.OpenAsync(connectionString);
        await CompareAsync("PostgreSQL", postgres, pace, report);
    }

    private static async Task CompareAsync(string name, EntityReads reads, Pace pace, Report report)
    {
        var count = pace.Scale(Entities);
        report.Say($"writing {count:#,0} entities");
        await reads.FillAsync(count);
        var pairs = await Pairs.RunAsync(pace, window => reads.OneByOneAsync(Callers, window), window => reads.BatchesAsync(Batch, window));
        report.Add(pairs.Figures($"{name}, a statement a key", "read", null, null));
    }

    private static Task<Measurement> Joined(SqliteEntityReads reads, bool joined, TimeSpan window)
    {
        reads.Joined = joined;
        return reads.BatchesAsync(Batch, window);
    }
}
