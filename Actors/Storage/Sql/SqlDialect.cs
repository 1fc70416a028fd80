namespace ActorPerf.Storage.Sql;

/// <summary>How one database's SQL is written: parameters, names, constants.</summary>
internal abstract class SqlDialect
{
    /// <summary>The place of a parameter in the text.</summary>
    /// <param name="number">Counted from 1.</param>
    public abstract string Parameter(int number);

    /// <summary>A name of a table or column, in quotes that nothing inside can end.</summary>
    public abstract string Name(string name);

    /// <summary>A text constant. For what was checked already and cannot be a parameter, such as a kind in an index.</summary>
    public static string Constant(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
