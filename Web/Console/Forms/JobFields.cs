using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Console.Forms;

/// <summary>What the form says about a job besides its arguments, as written; null where left open.</summary>
public sealed record JobFields(string? Queue = null, string? Priority = null, string? Delay = null)
{
    /// <summary>Null where left open or not 0 to 9.</summary>
    public int? PriorityNumber =>
        int.TryParse(Priority, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 9 ? number : null;

    public TimeSpan? DelaySpan => Durations.TryParse(Delay, out var span) ? span : null;

    /// <summary>Faults of what only this form can judge; the queue's name is the front door's to check.</summary>
    public IEnumerable<FieldFault> Faults()
    {
        if (Priority is not null && PriorityNumber is null) yield return new("/priority", $"'{Priority}' is no priority. Choose 0 (last) to 9 (first).");
        if (Delay is not null && DelaySpan is null) yield return new("/delay", $"'{Delay}' is no duration. Write it like 30s, 5m or 1h30m.");
    }
}
