using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Statements that go to the server together and come back together. On the thread of a lane, which waits.</summary>
internal sealed class RoundTrip(NpgsqlConnection connection)
{
    /// <summary>A server that has not answered by then is taken for one that is away.</summary>
    public const int TimeoutSeconds = 30;

    private readonly List<(NpgsqlBatchCommand Command, Action<NpgsqlDataReader>? Row, int? Changes, bool Locked)> _statements = [];

    public bool IsEmpty => _statements.Count == 0;

    /// <summary>A statement without rows.</summary>
    /// <param name="changes">Rows that it has to change; null: any number.</param>
    public RoundTrip Run(string sql, int? changes, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        _statements.Add((new NpgsqlBatchCommand(sql).Bind(parameters), null, changes, true));
        return this;
    }

    /// <summary>A statement on rows that another transaction may have changed since they were read.</summary>
    /// <param name="changes">Rows that it changes unless one did.</param>
    public RoundTrip RunUnlocked(string sql, int changes, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        _statements.Add((new NpgsqlBatchCommand(sql).Bind(parameters), null, changes, false));
        return this;
    }

    /// <summary>A query.</summary>
    public RoundTrip Read(string sql, Action<NpgsqlDataReader> row, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        _statements.Add((new NpgsqlBatchCommand(sql).Bind(parameters), row, null, true));
        return this;
    }

    /// <exception cref="InvalidOperationException">A statement changed another number of rows than it had to. The transaction must not be committed.</exception>
    /// <exception cref="StaleTransactionException">The same of rows that nothing locked: to be begun again.</exception>
    public void Go()
    {
        if (_statements.Count == 0) return;
        using var batch = new NpgsqlBatch(connection) { Timeout = TimeoutSeconds };
        foreach (var (command, _, _, _) in _statements) batch.BatchCommands.Add(command);
        using (var reader = batch.ExecuteReader())
        {
            foreach (var (_, row, _, _) in _statements)
            {
                if (row is null) continue;
                while (reader.Read()) row(reader);
                reader.NextResult();
            }
        }
        foreach (var (command, _, changes, locked) in _statements)
        {
            if (changes is not { } wanted || (long)command.RecordsAffected == wanted) continue;
            throw !locked ? new StaleTransactionException() : new InvalidOperationException($"A statement changed {command.RecordsAffected} rows and not {wanted}, though they are locked: {command.CommandText}");
        }
        _statements.Clear();
    }
}
