using System.Globalization;

namespace ActorPerf.Storage.Sqlite;

/// <summary>The open transaction, for as long as the work runs that it was given to. One statement a call; parameters are <c>?</c>, bound in order.</summary>
/// <remarks>A value is null, <see cref="bool"/> (0 or 1), an integer, <see cref="float"/>, <see cref="double"/>, <see cref="string"/>, or a byte array (an empty one is stored as NULL).
/// Of the thread that runs the work alone.</remarks>
public sealed class SqliteTransactionScope
{
    /// <summary>Rows that one query may return.</summary>
    public const int MaxRows = 10_000;

    private readonly SqliteHandle _handle;
    private readonly SqliteGuard _guard;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _ended;

    internal SqliteTransactionScope(SqliteHandle handle, SqliteGuard guard) => (_handle, _guard) = (handle, guard);

    /// <summary>A fault of the engine rather than of a statement: the whole transaction ends with it, whatever the work makes of it.</summary>
    internal SqliteFaultException? Fault { get; private set; }

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows that it inserted, changed or deleted.</returns>
    /// <exception cref="SqliteWorkException">It failed or is not allowed; the work may go on without it.</exception>
    /// <exception cref="ArgumentException">It is no single statement, or its parameters do not fit.</exception>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        using var statement = Prepare(sql, parameters);
        try
        {
            while (statement.Step())
            {
            }
            return _handle.Changes();
        }
        catch (SqliteFaultException fault)
        {
            throw Explain(fault);
        }
    }

    /// <summary>Reads rows.</summary>
    /// <returns>Each with its columns in order: null, <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or a byte array.</returns>
    /// <exception cref="SqliteWorkException">It failed, is not allowed, or has more than <see cref="MaxRows"/> rows.</exception>
    /// <exception cref="ArgumentException">As of <see cref="Execute"/>.</exception>
    public IReadOnlyList<IReadOnlyList<object?>> Query(string sql, params ReadOnlySpan<object?> parameters)
    {
        using var statement = Prepare(sql, parameters);
        var rows = new List<object?[]>();
        try
        {
            while (statement.Step())
            {
                if (rows.Count == MaxRows) throw new SqliteWorkException($"The query has more than {MaxRows} rows. Say LIMIT; long reads are no matter for a transaction.");
                var row = new object?[statement.Columns];
                for (var i = 0; i < row.Length; i++) row[i] = statement.Value(i);
                rows.Add(row);
            }
            return rows;
        }
        catch (SqliteFaultException fault)
        {
            throw Explain(fault);
        }
    }

    /// <summary>The first column of the first row; null for NULL and for no row.</summary>
    /// <exception cref="SqliteWorkException">As of <see cref="Query"/>.</exception>
    /// <exception cref="ArgumentException">As of <see cref="Execute"/>.</exception>
    public object? Scalar(string sql, params ReadOnlySpan<object?> parameters) => Query(sql, parameters) is [[var value, ..], ..] ? value : null;

    internal void End() => _ended = true;

    private SqliteStatement Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        if (_ended || _thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("The scope is of the transaction's own work and thread: use it inside the function that it was given to, and do not keep it.");
        if (_guard.Interrupted || Fault is not null) throw new SqliteWorkException("The transaction is over already; let the work end.");
        SqliteStatement statement;
        try
        {
            statement = _handle.PrepareOne(sql);
        }
        catch (SqliteFaultException fault)
        {
            throw Explain(fault);
        }
        try
        {
            if (statement.Parameters != parameters.Length) throw new ArgumentException($"The statement has {statement.Parameters} parameters and was given {parameters.Length}: {sql}", nameof(parameters));
            foreach (var parameter in parameters) Bind(statement, parameter);
            return statement;
        }
        catch
        {
            statement.Dispose();
            throw;
        }
    }

    private static void Bind(SqliteStatement statement, object? value) => _ = value switch
    {
        null => statement.BindNull(),
        bool flag => statement.Bind(flag ? 1L : 0L),
        byte or sbyte or short or ushort or int or uint or long => statement.Bind(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        float or double => statement.Bind(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        string text => statement.Bind(text),
        byte[] blob => statement.Bind(blob),
        _ => throw new ArgumentException($"A {value.GetType().Name} cannot be a parameter. Use null, bool, an integer, a double, a string or a byte array."),
    };

    private SqliteWorkException Explain(SqliteFaultException fault)
    {
        if (SqliteGuard.IsEngines(fault)) Fault ??= fault;
        var words = _guard.Interrupted ? SqliteOwnWrites.TooLong
            : fault.PrimaryCode == SQLitePCL.raw.SQLITE_AUTH && _guard.Denied is { } denied ? denied
            : $"The statement failed: {fault.Message}. It was: {fault.Statement}";
        return new SqliteWorkException(words, fault) { Code = fault.Code };
    }
}
