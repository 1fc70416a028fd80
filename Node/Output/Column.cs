using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>A column of a list.</summary>
/// <param name="Cell">What it shows of one item; anything, as it is made safe on the way out.</param>
/// <param name="Right">Aligned to the right, as numbers are.</param>
public sealed record Column(string Title, Func<JsonElement, string> Cell, bool Right = false)
{
    /// <summary>Shows one member as it is.</summary>
    public static Column Of(string title, string member, bool right = false) => new(title, item => item.Text(member), right);
}
