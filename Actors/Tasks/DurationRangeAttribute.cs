using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks;

/// <summary>Limits a duration of a task's arguments, in the spelling of <see cref="Durations"/>: <c>[DurationRange("0s", "1h")]</c>.</summary>
/// <exception cref="FormatException">When first checked: a limit is no duration.</exception>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class DurationRangeAttribute(string minimum, string maximum) : ValidationAttribute($"must be from {minimum} to {maximum}")
{
    private Limits? _limits;       // one reference: many calls check at once, and a pair would be read half-written

    public string Minimum { get; } = minimum;
    public string Maximum { get; } = maximum;

    public override bool IsValid(object? value)
    {
        if (value is not TimeSpan duration) return true;
        var limits = _limits ??= new Limits(Parse(Minimum), Parse(Maximum));
        return duration >= limits.Minimum && duration <= limits.Maximum;
    }

    private sealed record Limits(TimeSpan Minimum, TimeSpan Maximum);

    private static TimeSpan Parse(string text) =>
        Durations.TryParse(text, out var duration) ? duration : throw new FormatException($"'{text}' is no duration; write it as \"5s\" or \"1h30m\".");
}
