namespace ActorPerf.Node.Output;

/// <summary>How data goes to standard output.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON document per line: the items of a list, or the whole answer.</summary>
    Ndjson,
}
