using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Data;

/// <summary>What a parameter of a named query holds.</summary>
public enum ParameterType
{
    Int,
    Double,
    Bool,
    Text,
}

/// <summary>Settings under <c>actorperf.data.queries.NAME</c>: a statement that becomes a task of that name, memoised.</summary>
public sealed record NamedQueryOptions : IValidatableObject
{
    /// <summary><c>sqlite</c>, <c>postgresql</c> or <c>sqlserver</c>. Required.</summary>
    public DataProvider? Provider { get; init; }

    /// <summary>How the provider's driver finds the database. Required.</summary>
    [Secret]
    public string ConnectionString { get; init; } = "";

    /// <summary>One statement that reads; its parameters are written <c>@name</c>. Required.</summary>
    public string Sql { get; init; } = "";

    /// <summary>Its parameters by name: <c>int</c>, <c>double</c>, <c>bool</c> or <c>text</c>. Each is required in the arguments; null is NULL.</summary>
    public IDictionary<string, ParameterType> Parameters { get; } = new Dictionary<string, ParameterType>(StringComparer.Ordinal);

    /// <summary>How long a result is remembered. Default: as <c>actorperf.cache.duration</c> says; 0 remembers none; up to 3650 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan? Ttl { get; init; }

    /// <summary>For the whole run, from its start to its last row. Default 30 s; 10 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>More rows than this are refused. Default 10,000; 1 to 1,000,000. Their bytes are bounded by <c>actorperf.compute.max-result-bytes</c>.</summary>
    [Range(1, 1_000_000)]
    public int MaxRows { get; init; } = 10_000;

    /// <summary>The queue whose routees run it. Default <c>default</c>.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>One line for people who look through the tasks.</summary>
    public string Summary { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is null) yield return new ValidationResult("Say which database it is: provider = sqlite, postgresql or sqlserver.", [nameof(Provider)]);
        if (ConnectionString.Length == 0) yield return new ValidationResult("A connection string is needed.", [nameof(ConnectionString)]);
        if (string.IsNullOrWhiteSpace(Sql)) yield return new ValidationResult("The statement is missing: sql = \"SELECT …\".", [nameof(Sql)]);
        foreach (var name in Parameters.Keys)
            if (!Sql.Contains($"@{name}", StringComparison.Ordinal)) yield return new ValidationResult($"The statement has no @{name}.", [nameof(Parameters)]);
    }

    internal NamedQuery ToQuery(string name) => new(name, LookupOptions.NameOf(Provider), ConnectionString, Sql, [.. Parameters.Keys], Timeout);
}
