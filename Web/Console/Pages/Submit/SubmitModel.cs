using ActorPerf.Caching;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Forms;

namespace ActorPerf.Web.Console.Pages;

/// <summary>The tasks to choose from, and the form of the one that was chosen.</summary>
public sealed record SubmitModel
{
    public required IReadOnlyList<TaskDescriptor> Tasks { get; init; }

    /// <summary>Null: none was chosen yet.</summary>
    public TaskDescriptor? Task { get; init; }

    public SchemaForm Form { get; init; } = new([], true);

    /// <summary>Arguments are written as JSON, by choice or because there is no other way.</summary>
    public bool Raw { get; init; }

    /// <summary>What the inputs show, by their names.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>What stands above the form when it was refused; null otherwise.</summary>
    public string? Refusal { get; init; }

    /// <summary>What a computation answered; null without one.</summary>
    public ComputeOutcome? Computed { get; init; }

    public IReadOnlyList<CallLine> JobLines { get; init; } = [];
    public IReadOnlyList<CallLine> ComputeLines { get; init; } = [];

    public string Value(string input) => Values.TryGetValue(input, out var value) ? value : "";

    /// <summary>Faults at one place of the body; null for none.</summary>
    public string? Fault(string pointer) => Join(Faults.Where(fault => fault.Pointer == pointer));

    /// <summary>Faults of an option or inside it (a tag among several); null for none.</summary>
    public string? Fault(OptionField field) => Join(Faults.Where(fault => IsOf(fault, field)));

    /// <summary>Some option is filled in or faulty: they are shown at once.</summary>
    public bool HasOptions => JobFields.All.Any(option => Value(option.Name).Length > 0 || Fault(option) is not null);

    /// <summary>Faults that belong to no field shown.</summary>
    public IEnumerable<FieldFault> Elsewhere => Faults.Where(fault => !Shown.Contains(fault.Pointer, StringComparer.Ordinal) && !JobFields.All.Any(option => IsOf(fault, option)));

    private IEnumerable<string> Shown => Raw ? ["/args"] : Form.Fields.Select(member => $"/args/{member.Name}");

    private static bool IsOf(FieldFault fault, OptionField field) => fault.Pointer == "/" + field.Name || fault.Pointer.StartsWith($"/{field.Name}/", StringComparison.Ordinal);

    private static string? Join(IEnumerable<FieldFault> faults) => string.Join(' ', faults.Select(fault => fault.Message)) is { Length: > 0 } text ? text : null;
}
