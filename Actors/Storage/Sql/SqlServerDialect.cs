using System.Globalization;

namespace ActorPerf.Storage.Sql;

/// <summary>SQL Server: for lookups and named queries. Not verified on a server: the suite of lookups runs on the one that <c>ACTORPERF_TEST_SQLSERVER</c> names.</summary>
internal sealed class SqlServerDialect : SqlDialect
{
    public static SqlServerDialect Instance { get; } = new();

    public override string Parameter(int number) => string.Create(CultureInfo.InvariantCulture, $"@p{number}");

    public override string Name(string name) => $"[{name.Replace("]", "]]", StringComparison.Ordinal)}]";
}
