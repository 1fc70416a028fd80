using System.Data.Common;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What is made of a connection string.</summary>
internal static class PostgresSettings
{
    private const string Example = "Write \"Host=db;Username=app;Password=…;Database=app\" in actorperf.storage.connection-string.";
    private const int KeepAliveSeconds = 5;
    private const int LongestAnswerSeconds = 5;

    /// <summary>Far more than go on at once: only work that never ends keeps its connection, which the server has ended by then.</summary>
    private const int OwnPoolSize = 100;

    /// <summary>The pool is ours alone, and every statement's text is constant or one of few: the driver prepares by itself what comes twice.</summary>
    /// <exception cref="StorageSetupException">It cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Of(string connectionString, int poolSize)
    {
        try
        {
            var said = new DbConnectionStringBuilder { ConnectionString = connectionString };
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 100;
            if (settings.AutoPrepareMinUsages > 2) settings.AutoPrepareMinUsages = 2;
            settings.NoResetOnClose = true;
            settings.ApplicationName ??= "actorperf";
            if (!Says(said, "MAXIMUMPOOLSIZE", "MAXPOOLSIZE")) settings.MaxPoolSize = Math.Max(poolSize, settings.MinPoolSize);
            WithoutKerberos(settings, said);
            if (!string.IsNullOrEmpty(settings.Host)) return settings;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new StorageSetupException($"The connection string for PostgreSQL cannot be read: {exception.Message} {Example}", exception);
        }
        throw new StorageSetupException($"The connection string for PostgreSQL names no host. {Example}");
    }

    /// <summary>For connections that are kept open: a dead peer is noticed by itself.</summary>
    public static NpgsqlConnectionStringBuilder Unpooled(NpgsqlConnectionStringBuilder settings) =>
        new(settings.ConnectionString) { Pooling = false, KeepAlive = settings.KeepAlive == 0 ? KeepAliveSeconds : settings.KeepAlive };

    /// <summary>Likewise for those that say little, and whoever asks is answered or told soon.</summary>
    public static NpgsqlConnectionStringBuilder Reserved(NpgsqlConnectionStringBuilder settings)
    {
        var reserved = Unpooled(settings);
        if (reserved.Timeout is 0 or > LongestAnswerSeconds) reserved.Timeout = LongestAnswerSeconds;
        if (reserved.CommandTimeout is 0 or > LongestAnswerSeconds) reserved.CommandTimeout = LongestAnswerSeconds;
        return reserved;
    }

    /// <summary>For callers' own SQL: nothing is prepared that the connection string does not ask for (a table may be changed under it), and whatever was set, locked, listened to or
    /// made for a while goes (<c>DISCARD ALL</c>) before the next one has the connection.</summary>
    /// <param name="said">The connection string as it was configured.</param>
    public static NpgsqlConnectionStringBuilder Own(NpgsqlConnectionStringBuilder settings, string said) => new(settings.ConnectionString)
    {
        Pooling = true, MinPoolSize = 0, MaxPoolSize = OwnPoolSize, NoResetOnClose = false, Enlist = false, Multiplexing = false, MaxAutoPrepare = new NpgsqlConnectionStringBuilder(said).MaxAutoPrepare,
    };

    /// <summary>Encryption by Kerberos only where it is asked for. The driver would try it first on every connection: where its library is missing, as in .NET's images,
    /// it says so on the console and throws, and a server that has it writes a line of its log each time.</summary>
    public static void WithoutKerberos(NpgsqlConnectionStringBuilder settings, DbConnectionStringBuilder said)
    {
        if (!Says(said, "GSSENCRYPTIONMODE")) settings.GssEncryptionMode = GssEncryptionMode.Disable;
    }

    /// <summary>For people; without user and password.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder settings) => $"postgresql://{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}";

    private static bool Says(DbConnectionStringBuilder said, params string[] keys) =>
        said.Keys.Cast<string>().Any(key => keys.Contains(key.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant()));
}
