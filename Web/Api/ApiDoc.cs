namespace ActorPerf.Web.Api;

/// <summary>What the OpenAPI document says of a route.</summary>
/// <param name="Id">Unique name of the operation, such as <c>submitJob</c>.</param>
/// <param name="Group">The heading it stands under.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record ApiDoc(string Id, string Group, string Summary)
{
    /// <summary>Statuses of success, each with the name of the schema of its body (null for none).</summary>
    public IReadOnlyList<(int Status, string? Schema)> Answers { get; init; } = [(200, null)];

    /// <summary>Name of the request body's schema; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>Query parameters and headers that the call reads.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Why a call that operators make leaves no row in the audit; null: it leaves one.</summary>
    public string? NotAudited { get; init; }

    /// <summary>The call sees or changes what belongs to all namespaces together, so a key that is bound to some may not make it.</summary>
    public bool OfAll { get; init; }

    /// <summary>A call that takes nothing looks itself whether nothing was sent: behind whether the job is there.</summary>
    public bool ChecksBody { get; init; }

    /// <summary>Content type of a successful answer.</summary>
    public string Produces { get; init; } = "application/json";

    /// <summary>Content types of the body.</summary>
    public IReadOnlyList<string> Takes { get; init; } = ["application/json"];
}

/// <param name="In"><c>query</c> or <c>header</c>.</param>
internal readonly record struct ApiParameter(string Name, string In, string Summary);
