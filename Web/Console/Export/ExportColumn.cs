namespace ActorPerf.Web.Console.Export;

/// <summary>A column of a list that can be saved.</summary>
/// <param name="Name">As the API names the member.</param>
/// <param name="Value">Text, a whole number, a number, a truth value, a moment, a span of time (written as seconds), or JSON as UTF-8 bytes; null for none.</param>
internal sealed record ExportColumn<T>(string Name, Func<T, object?> Value);
