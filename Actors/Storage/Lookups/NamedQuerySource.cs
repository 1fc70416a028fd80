using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActorPerf.Data;
using Npgsql;
using NpgsqlTypes;

namespace ActorPerf.Storage.Lookups;

/// <summary>A configured query over a user's database.</summary>
public sealed partial class NamedQuerySource : INamedQuerySource
{
    private const int RowsAhead = 64;
    private const int BytesAhead = 256 * 1024;

    private readonly UserDatabase _database;
    private readonly NamedQuery _query;
    private readonly TimeProvider _time;

    /// <param name="time">The clock of its time-out.</param>
    /// <exception cref="StorageSetupException">An unknown provider, a connection string that cannot be read, or parameters that the text does not use.</exception>
    public NamedQuerySource(NamedQuery query, TimeProvider time)
    {
        var setting = $"actorperf.data.queries.{query.Name}";
        foreach (var name in query.Parameters)
        {
            if (!Identifier().IsMatch(name)) throw new StorageSetupException($"{setting}.parameters: '{name}' is no name of a parameter: use letters, digits and _, beginning with a letter.");
            if (!Regex.IsMatch(query.Sql, $@"@{name}\b", RegexOptions.CultureInvariant)) throw new StorageSetupException($"{setting}.parameters: the SQL does not use @{name}.");
        }
        _database = UserDatabase.Of(query.Provider, query.ConnectionString, setting);
        (_query, _time) = (query, time);
    }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> RunAsync(IReadOnlyDictionary<string, EntityValue?> parameters, CancellationToken ct)
    {
        foreach (var name in _query.Parameters)
            if (!parameters.ContainsKey(name)) throw new ArgumentException($"The query '{_query.Name}' needs the parameter '{name}'.", nameof(parameters));
        foreach (var name in parameters.Keys)
            if (!_query.Parameters.Contains(name)) throw new ArgumentException($"The query '{_query.Name}' has no parameter '{name}'.", nameof(parameters));
        return StreamAsync(parameters, ct);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> StreamAsync(IReadOnlyDictionary<string, EntityValue?> parameters, [EnumeratorCancellation] CancellationToken ct)
    {
        using var over = new CancellationTokenSource(_query.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, over.Token);
        await using var run = new Run(_database);
        var started = await DoAsync(() => run.StartAsync(_query, parameters, both.Token), over.Token, ct);
        while (started)
        {
            var (rows, more) = await DoAsync(() => run.NextAsync(both.Token), over.Token, ct);
            foreach (var row in rows) yield return row;
            if (!more) break;
        }
    }

    /// <summary>Says why it ended: whose time was over, or what the driver's error means.</summary>
    private async Task<T> DoAsync<T>(Func<Task<T>> step, CancellationToken over, CancellationToken ct)
    {
        try
        {
            return await _database.RunAsync(step);
        }
        catch (Exception exception) when (ct.IsCancellationRequested && exception is (OperationCanceledException or DbException))
        {
            ct.ThrowIfCancellationRequested();
            throw _database.Translate(exception);
        }
        catch (Exception exception) when (over.IsCancellationRequested && exception is (OperationCanceledException or DbException))
        {
            throw new TimeoutException($"The query '{_query.Name}' did not end within {_query.Timeout}. Raise actorperf.data.queries.{_query.Name}.timeout, or make it faster.", exception);
        }
        catch (Exception exception) when (_database.Translate(exception) is var translated && !ReferenceEquals(translated, exception))
        {
            throw translated;
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,63}\z")]
    private static partial Regex Identifier();

    /// <summary>One run: its connection and reader. Its calls come one after another.</summary>
    private sealed class Run(UserDatabase database) : IAsyncDisposable
    {
        private DbConnection? _connection;
        private DbCommand? _command;
        private DbDataReader? _reader;
        private RowJson? _json;
        private bool _ended;

        public async Task<bool> StartAsync(NamedQuery query, IReadOnlyDictionary<string, EntityValue?> parameters, CancellationToken ct)
        {
            _connection = await database.OpenAsync(ct);
            _command = _connection.CreateCommand();
            _command.CommandText = query.Sql;
            _command.CommandTimeout = 0;        // our own clock ends it
            foreach (var name in query.Parameters) _command.Parameters.Add(Parameter(_command, name, parameters[name]));
            _reader = await _command.ExecuteReaderAsync(ct);
            return true;
        }

        /// <summary>The next few rows, and whether more may follow.</summary>
        public async Task<(List<ReadOnlyMemory<byte>> Rows, bool More)> NextAsync(CancellationToken ct)
        {
            var rows = new List<ReadOnlyMemory<byte>>();
            for (var bytes = 0; rows.Count < RowsAhead && bytes < BytesAhead;)
            {
                ct.ThrowIfCancellationRequested();
                if (!await _reader!.ReadAsync(ct))
                {
                    _ended = true;
                    return (rows, false);
                }
                var row = (_json ??= new RowJson(_reader, 0)).Write(_reader);
                rows.Add(row);
                bytes += row.Length;
            }
            return (rows, true);
        }

        public async ValueTask DisposeAsync() => await database.RunAsync(async () =>
        {
            // Closing a reader reads what is left of its rows, unless the statement is cancelled first.
            if (!_ended) _command?.Cancel();
            if (!_ended && _connection is not null) database.Interrupt(_connection);
            if (_reader is not null) await _reader.DisposeAsync();
            if (_command is not null) await _command.DisposeAsync();
            if (_connection is not null) await _connection.DisposeAsync();
            return true;
        });

        private static DbParameter Parameter(DbCommand command, string name, EntityValue? value)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value switch
            {
                EntityValue.Boolean boolean => boolean.Value,
                EntityValue.Integer integer => integer.Value,
                EntityValue.Number number => number.Value,
                EntityValue.Text text => text.Value,
                _ => DBNull.Value,
            };
            // The server gives a text the type that its place in the statement asks for: a date, a UUID, a text.
            if (parameter is NpgsqlParameter postgres && value is (EntityValue.Text or EntityValue.Null or null)) postgres.NpgsqlDbType = NpgsqlDbType.Unknown;
            return parameter;
        }
    }
}
