using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.TestKit;
using ActorPerf.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>The suites of all stores, on a server.</summary>
internal static class PostgresStores
{
    /// <summary>A storage in a new database.</summary>
    public static async Task<INodeStorage> OpenAsync(TimeProvider? time = null) => await OpenAsync(await PostgresServer.NewMigratedAsync(), time);

    /// <summary>For suites that open in their constructor.</summary>
    public static INodeStorage Open(TimeProvider time) => Task.Run(() => OpenAsync(time)).GetAwaiter().GetResult();

    /// <summary>The same database once more.</summary>
    public static INodeStorage Open(string connectionString, TimeProvider time) => Task.Run(() => OpenAsync(connectionString, time)).GetAwaiter().GetResult();

    public static async Task<INodeStorage> OpenAsync(string connectionString, TimeProvider? time = null) =>
        await OpenAsync(connectionString, time ?? new ManualTime(), lanes: PostgresJobStore.DefaultLanes);

    public static async Task<INodeStorage> OpenAsync(string connectionString, TimeProvider time, int lanes) =>
        await PostgresStorage.OpenWithAsync(connectionString, time, new Random(1), NullLogger.Instance, default, lanes);
}

public sealed class PostgresAttachedWritesTests : AttachedWritesConformance
{
    protected override INodeStorage Open(TimeProvider time) => PostgresStores.Open(time);
}

public sealed class PostgresScheduleStoreTests : ScheduleStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => PostgresStores.OpenAsync();
}

public sealed class PostgresOperatorStoreTests : OperatorStoreConformance
{
    protected override Task<INodeStorage> OpenAsync() => PostgresStores.OpenAsync();
}

public sealed class PostgresMemberStoreTests : MemberStoreConformance
{
    protected override INodeStorage Open() => PostgresStores.Open(Time);
}

public sealed class PostgresFeedStoreTests : FeedStoreConformance
{
    // Who else comes to a server is not this process' to say.
    protected override bool MayBeAlone => false;

    protected override INodeStorage Open(bool shared) => PostgresStores.Open(TimeProvider.System);
}
