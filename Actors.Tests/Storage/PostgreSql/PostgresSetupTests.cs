using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>What keeps a database from being used is said in one message: what happened, where, and what to do; never the password.</summary>
public sealed class PostgresSetupTests
{
    private const string Secret = "correct-horse";

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var message = await RefusedAsync($"Host=127.0.0.1;Port=1;Username=app;Password={Secret};Database=app;Timeout=5");
        Assert.StartsWith("postgresql://127.0.0.1:1/app does not answer: ", message, StringComparison.Ordinal);
        Assert.Contains("Check that the server runs and listens there, and actorperf.storage.connection-string.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("28P01", "password authentication failed for user \"app\"", "Check Password of user 'app' in actorperf.storage.connection-string")]
    [InlineData("28000", "no pg_hba.conf entry", "the server's pg_hba.conf lets it in")]
    [InlineData("53300", "too many clients", "lower \"Maximum Pool Size\"")]
    [InlineData("57P01", "terminating connection due to administrator command", "start the node again in a moment")]
    [InlineData("57P03", "the database system is starting up", "start the node again in a moment")]
    public void What_the_server_says_comes_with_what_to_do(string state, string said, string advice)
    {
        var settings = PostgresSettings.Of($"Host=db;Username=app;Password={Secret};Database=shop", 24);
        var message = PostgresSetupFaults.Explain(new PostgresException(said, "FATAL", "FATAL", state), settings);
        Assert.StartsWith($"postgresql://db:5432/shop cannot be used: {said}. ", message, StringComparison.Ordinal);
        Assert.Contains(advice, message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=data/actorperf.db")]
    [InlineData("Username=app;Password=correct-horse")]
    [InlineData("Host=db;Port=many;Password=correct-horse")]
    [InlineData("correct-horse")]
    public async Task A_connection_string_that_cannot_be_read_is_refused_with_an_example(string connectionString) =>
        Assert.Contains("Write \"Host=db;Username=app;Password=…;Database=app\" in actorperf.storage.connection-string.", await RefusedAsync(connectionString), StringComparison.Ordinal);

    [Fact]
    public void The_pool_is_small_unless_somebody_says_otherwise()
    {
        Assert.Equal(24, PostgresSettings.Of("Host=db", 24).MaxPoolSize);
        Assert.Equal(100, PostgresSettings.Of("Host=db;Maximum Pool Size=100", 24).MaxPoolSize);
        Assert.Equal(7, PostgresSettings.Of("Host=db;MaxPoolSize=7", 24).MaxPoolSize);
    }

    [Fact]
    public void Kerberos_is_tried_only_where_it_is_asked_for()
    {
        Assert.Equal(GssEncryptionMode.Disable, PostgresSettings.Of("Host=db", 24).GssEncryptionMode);
        Assert.Equal(GssEncryptionMode.Disable, PostgresSettings.Own(PostgresSettings.Of("Host=db", 24), "Host=db").GssEncryptionMode);
        Assert.Equal(GssEncryptionMode.Prefer, PostgresSettings.Of("Host=db;GSS Encryption Mode=Prefer", 24).GssEncryptionMode);
        Assert.Equal(GssEncryptionMode.Require, PostgresSettings.Of("Host=db;gssencryptionmode=require", 24).GssEncryptionMode);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_to_be_created()
    {
        var settings = new NpgsqlConnectionStringBuilder(await PostgresServer.NewDatabaseAsync()) { Database = "nowhere" };
        Assert.Contains("CREATE DATABASE \"nowhere\" ENCODING 'UTF8'", await RefusedAsync(settings.ConnectionString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_the_right_is_told_which_and_needs_it_once()
    {
        var settings = new NpgsqlConnectionStringBuilder(await PostgresServer.NewDatabaseAsync());
        await using var administrator = new NpgsqlConnection(settings.ConnectionString);
        await administrator.OpenAsync();
        await ExecuteAsync(administrator, $"CREATE ROLE \"poor {settings.Database}\" LOGIN");
        var poor = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Username = $"poor {settings.Database}" }.ConnectionString;
        var message = await RefusedAsync(poor);
        Assert.Contains($"GRANT CREATE ON DATABASE \"{settings.Database}\" TO \"poor {settings.Database}\"", message, StringComparison.Ordinal);
        await ExecuteAsync(administrator, $"CREATE SCHEMA actorperf AUTHORIZATION \"poor {settings.Database}\"");
        await (await PostgresDatabase.OpenAsync(poor, default)).DisposeAsync();
        await (await PostgresDatabase.OpenAsync(poor, default)).DisposeAsync();
    }

    [Fact]
    public async Task A_database_can_be_checked_without_a_node_and_is_not_changed_by_it()
    {
        var connectionString = await PostgresServer.NewDatabaseAsync();
        var empty = await Assert.ThrowsAsync<StorageSetupException>(() => PostgresStorage.VerifyDatabaseAsync(connectionString, default));
        Assert.Contains("has no schema actorperf of ours", empty.Message, StringComparison.Ordinal);
        (await PostgresStores.OpenAsync(connectionString)).Dispose();
        Assert.Empty((await PostgresStorage.VerifyDatabaseAsync(connectionString, default)).Violations);
    }

    private static async Task<string> RefusedAsync(string connectionString)
    {
        var refused = await Assert.ThrowsAsync<StorageSetupException>(() => PostgresDatabase.OpenAsync(connectionString, default));
        Assert.DoesNotContain(Secret, refused.Message, StringComparison.Ordinal);
        return refused.Message;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
