using ActorPerf.Tasks;

namespace ActorPerf.Load.Plans;

/// <summary>Reads the edit of a run from the texts of a draft.</summary>
public static class LoadEdits
{
    /// <param name="faults">What is wrong, by pointers such as <c>/users</c>; empty when there is an edit.</param>
    public static LoadEdit? Read(LoadDraft draft, out IReadOnlyList<FieldFault> faults)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var reading = draft.Reading();
        var edit = new LoadEdit(reading.Count("users"), reading.Number("spawnRate"), reading.Number("rate"), reading.Duration("runTime"));
        faults = edit == new LoadEdit() && reading.Faults.Count == 0
            ? [new FieldFault("", "Nothing to change: give users, spawnRate, rate or runTime.")]
            : [.. reading.Faults.Select(static fault => fault with { Pointer = "/" + fault.Pointer.Split('/')[^1] })];
        return faults.Count == 0 ? edit : null;
    }
}
