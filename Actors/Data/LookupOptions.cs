using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Data;

/// <summary>A database that is not the node's own, as settings name it.</summary>
public enum DataProvider
{
    Sqlite,
    Postgresql,
    Sqlserver,
}

/// <summary>Settings under <c>actorperf.data.lookups.KIND</c>: a table whose rows are served as that kind, read-only.</summary>
public sealed record LookupOptions : IValidatableObject
{
    /// <summary><c>sqlite</c>, <c>postgresql</c> or <c>sqlserver</c>. Required.</summary>
    public DataProvider? Provider { get; init; }

    /// <summary>How the provider's driver finds the database. Required.</summary>
    [Secret]
    public string ConnectionString { get; init; } = "";

    /// <summary>A table or view, as the database spells it, with its schema in front where that is not the default one. Default: the kind's name.</summary>
    public string Table { get; init; } = "";

    /// <summary>Its key column: an integer, a UUID or a text. Default <c>id</c>.</summary>
    [Required]
    public string Key { get; init; } = "id";

    /// <summary>The columns that are served; all of them where none is named.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is null) yield return new ValidationResult("Say which database it is: provider = sqlite, postgresql or sqlserver.", [nameof(Provider)]);
        if (ConnectionString.Length == 0) yield return new ValidationResult("A connection string is needed.", [nameof(ConnectionString)]);
        if (Columns.Distinct(StringComparer.Ordinal).Count() < Columns.Count) yield return new ValidationResult("A column is named twice.", [nameof(Columns)]);
    }

    internal LookupTable ToTable(string kind) => new(kind, NameOf(Provider), ConnectionString, Table.Length > 0 ? Table : kind, Key, Columns);

    internal static string NameOf(DataProvider? provider) => (provider ?? DataProvider.Sqlite).ToString().ToLowerInvariant();
}
