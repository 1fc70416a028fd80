using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>The suites of all stores, on a server.</summary>
internal static class PostgresStores
{
    /// <summary>A storage in a new database.</summary>
    public static async Task<INodeStorage> OpenAsync(TimeProvider? time = null) => await OpenAsync(await PostgresServer.NewDatabaseAsync(), time);

    public static async Task<INodeStorage> OpenAsync(string connectionString, TimeProvider? time = null) =>
        await PostgresStorage.OpenAsync(connectionString, time ?? new ManualTime(), NullLogger.Instance, (_, _) => new MemoryStorage(new ManualTime(), new Random(1)).Jobs, default);
}

public sealed class PostgresScheduleStoreTests : ScheduleStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => PostgresStores.OpenAsync();
}

public sealed class PostgresOperatorStoreTests : OperatorStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => PostgresStores.OpenAsync();
}
