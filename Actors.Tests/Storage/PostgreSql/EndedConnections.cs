using Npgsql;

namespace ActorPerf.Tests.Storage.PostgreSql;

/// <summary>Ends the server's side of every connection that is seen at a commit, until told to stop.</summary>
internal sealed class EndedConnections : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ending;

    public EndedConnections(string database) => _ending = Task.Run(async () =>
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        while (!_stop.IsCancellationRequested)
        {
            await using var end = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%COMMIT%' AND state = 'active'", connection);
            await end.ExecuteScalarAsync();
        }
    });

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _ending;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
