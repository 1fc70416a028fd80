namespace ActorPerf.Web.Console.Forms;

/// <summary>What a field of the form takes.</summary>
public enum FieldKind
{
    Text,
    Integer,
    Number,
    Boolean,

    /// <summary>A duration as API.md writes it, such as <c>1h30m</c>.</summary>
    Duration,

    /// <summary>One of a few.</summary>
    Choice,

    /// <summary>Anything else: JSON, written by hand.</summary>
    Json,
}

/// <summary>A member of a task's arguments, as a field of a form.</summary>
/// <param name="Default">As the field would show it; null when the schema names none.</param>
/// <param name="Choices">For <see cref="FieldKind.Choice"/>.</param>
/// <param name="Minimum">As the schema writes it; null: none. Likewise <paramref name="Maximum"/>.</param>
public sealed record SchemaField(
    string Name, FieldKind Kind, bool Required, string? Default, string? Description, IReadOnlyList<string> Choices, string? Minimum, string? Maximum)
{
    /// <summary>The name of its input.</summary>
    public string Input => $"arg.{Name}";

    /// <summary>What the field says about itself beside its label.</summary>
    public string Hint => string.Join(", ", new[]
    {
        Kind switch
        {
            FieldKind.Integer => "integer",
            FieldKind.Number => "number",
            FieldKind.Duration => "duration, like 1500ms, 30s or 1h30m",
            FieldKind.Json => "JSON",
            _ => null,
        },
        Minimum is null ? null : $"at least {Minimum}",
        Maximum is null ? null : $"at most {Maximum}",
        Required || Kind is FieldKind.Choice or FieldKind.Boolean ? null : Default is null ? "may stay empty" : $"default {Default}",
    }.Where(part => part is not null));
}
