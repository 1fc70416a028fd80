using System.Globalization;
using ActorPerf.Jobs;
using Npgsql;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>What stands in the database of a cluster, read beside its nodes.</summary>
internal sealed class Ledger(string connectionString)
{
    /// <summary>One number or text.</summary>
    public async Task<T> AskAsync<T>(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, sql, parameters);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> row, params (string Name, object Value)[] parameters)
    {
        await using var connection = await OpenAsync();
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(row(reader));
        return rows;
    }

    /// <summary>Does something to the server.</summary>
    public async Task DoAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How many jobs are in a state.</summary>
    public Task<long> CountAsync(JobState state) => AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE state = @state", ("state", (short)state));

    public Task<long> UnfinishedAsync() => AskAsync<long>("SELECT count(*) FROM actorperf.job WHERE state < 10");

    /// <summary>Waits until a question is answered with true, as the nodes' work goes on.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan? patience = null)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (!await TryAsync(holds))
        {
            Assert.True(since.Elapsed < (patience ?? TimeSpan.FromSeconds(60)), string.Create(CultureInfo.InvariantCulture, $"never within {since.Elapsed.TotalSeconds:0} s: {what}"));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends the connections of all nodes, or of those that a condition on <c>pg_stat_activity</c> names; how many there were.</summary>
    public Task<long> TerminateAsync(string which = "true") => AskAsync<long>(
        $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'ledger' AND ({which})");

    /// <summary>The server's clock, in microseconds as rows have it.</summary>
    public Task<long> NowAsync() => AskAsync<long>("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(connectionString + ";Application Name=ledger;Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    // The server may be on its way down or up.
    private static async Task<bool> TryAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
