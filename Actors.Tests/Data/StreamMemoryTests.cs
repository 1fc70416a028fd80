using System.Diagnostics;
using System.Globalization;
using ActorPerf.Data;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Data;

/// <summary>Streams of more rows than the heap could hold, in a process of their own whose heap is limited to 128 MiB.</summary>
public sealed class StreamMemoryTests
{
    private const string RowsVariable = "ACTORPERF_TEST_STREAM_ROWS";
    private const string HeapLimit = "0x8000000";

    [FullFact]
    public Task A_stream_of_200_MB_fits_into_a_heap_of_128_MiB() => LimitedAsync(nameof(A_stream_of_200_MB_fits_into_a_heap_of_128_MiB), 200_000, rows => StreamAsync(new EndlessRows(rows, 1_024), rows));

    [FullFact]
    public Task A_stream_of_ten_million_rows_fits_into_a_heap_of_128_MiB() =>
        LimitedAsync(nameof(A_stream_of_ten_million_rows_fits_into_a_heap_of_128_MiB), 10_000_000, rows => StreamAsync(new EndlessRows(rows, 100), rows));

    [FullFact]
    public Task Half_a_million_rows_of_a_file_fit_into_a_heap_of_128_MiB() => LimitedAsync(nameof(Half_a_million_rows_of_a_file_fit_into_a_heap_of_128_MiB), 500_000, StreamFileAsync);

    /// <summary>Starts this very test once more, in a process with the limit; there it streams.</summary>
    private static async Task LimitedAsync(string test, long rows, Func<long, Task> stream)
    {
        if (Environment.GetEnvironmentVariable(RowsVariable) is { } given)
        {
            Assert.InRange(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, 1, 128 * 1024 * 1024);
            await stream(long.Parse(given, CultureInfo.InvariantCulture));
            return;
        }
        var start = new ProcessStartInfo("dotnet", [typeof(StreamMemoryTests).Assembly.Location, "-method", $"{typeof(StreamMemoryTests).FullName}.{test}", "-noColor", "-noLogo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment[RowsVariable] = rows.ToString(CultureInfo.InvariantCulture);
        using var child = Process.Start(start)!;
        var (output, errors) = (child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"Exit code {child.ExitCode}: {await output} {await errors}");
        Assert.Matches("Total: 1, .*Failed: 0", await output);
    }

    private static async Task StreamAsync(IEntityStore store, long rows)
    {
        await using var service = new DataService(store, new DataOptions(), TimeProvider.System, new Random(1), NullLogger<DataService>.Instance);
        var seen = 0L;
        await foreach (var row in ((IData)service).Query("Row"))
            if (row.Key.Id.Number != ++seen) Assert.Fail($"Row {row.Key} came as number {seen}.");
        Assert.Equal(rows, seen);
    }

    private static async Task StreamFileAsync(long rows)
    {
        var folder = Directory.CreateTempSubdirectory("actorperf-").FullName;
        try
        {
            using var storage = SqliteStorage.Open($"Data Source={Path.Combine(folder, "rows.db")}", TimeProvider.System, new Random(1), _ => { });
            for (var first = 1L; first <= rows; first += 500)
                await storage.Entities.WriteManyAsync(Namespace.Default, [.. Enumerable.Range(0, 500).Select(i => new EntityWrite.Put(KeyOf(first + i), EndlessRows.Data(400)))], default);
            await StreamAsync(storage.Entities, rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Key KeyOf(long id) => Key.Of(Namespace.Default, "Row", id);

    /// <summary>Makes rows up as they are asked for.</summary>
    private sealed class EndlessRows(long rows, int bytes) : IEntityStore
    {
        public EntityStoreLimits Limits { get; } = new("scripted", Slots: 2);

        public static ReadOnlyMemory<byte> Data(int bytes) => System.Text.Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', bytes - 11)}}"}""");

        public async ValueTask<EntityPage> QueryAsync(EntityQuery query, CancellationToken ct)
        {
            await Task.Yield();
            var first = (query.After?.Id.Number ?? 0) + 1;
            var count = (int)Math.Min(query.Limit, rows - first + 1);
            var items = new Entity[count];
            for (var i = 0; i < count; i++) items[i] = new Entity(KeyOf(first + i), 1, Data(bytes), default);
            return new EntityPage(items, first + count <= rows ? new QueryPlace([], first + count - 1) : null, Indexed: true);
        }

        public ValueTask<IReadOnlyList<Entity?>> ReadManyAsync(Namespace ns, IReadOnlyList<Key> keys, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<WriteOutcome>> WriteManyAsync(Namespace ns, IReadOnlyList<EntityWrite> writes, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<CommitOutcome> CommitAsync(Namespace ns, EntityCommit commit, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<bool> FindCommitAsync(Namespace ns, Guid marker, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<long> CountAsync(Namespace ns, string kind, EntityFilter? filter, long most, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<long> AllocateAsync(Namespace ns, string kind, int count, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<KindSize>> KindsAsync(Namespace ns, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask EnsureIndexesAsync(string kind, IReadOnlyList<string> indexes, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<string>> DropOtherIndexesAsync(IReadOnlyList<EntityIndexDeclaration> declared, CancellationToken ct) => throw new NotSupportedException();
    }
}
