using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>A catalogue with <c>square</c>, which wants a whole number n of 64 bits, and <c>echo</c>, which takes anything.</summary>
internal sealed class FakeTasks : ITaskCatalog
{
    private readonly TaskDescriptor[] _tasks =
    [
        new() { Name = "echo", Summary = "Gives its arguments back.", ArgsSchema = JsonNode.Parse("{}")!, Runner = new Runner(wantsN: false) },
        new()
        {
            Name = "square",
            Summary = "Squares n.",
            ArgsSchema = JsonNode.Parse("""{"type":"object","required":["n"]}""")!,
            Memoize = new Memoization(TimeSpan.FromMinutes(5), Tags: ["maths"]),
            Timeout = TimeSpan.FromSeconds(30),
            Runner = new Runner(wantsN: true),
        },
    ];

    public IReadOnlyList<TaskDescriptor> All => _tasks;

    public bool TryGet(string name, [NotNullWhen(true)] out TaskDescriptor? task) => (task = Array.Find(_tasks, known => known.Name == name)) is not null;

    public Refusal Unknown(string name) => new("unknown-task", $"There is no task '{name}'. Known: echo, square.");

    private sealed class Runner(bool wantsN) : ITaskRunner
    {
        public Refusal? Check(ReadOnlyMemory<byte> args)
        {
            if (!wantsN) return null;
            using var document = JsonDocument.Parse(args);
            var good = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("n", out var n)
                && n.ValueKind == JsonValueKind.Number && n.TryGetInt64(out _);
            return good ? null : Refusal.Invalid("invalid-args", "The arguments do not fit.", new FieldFault("/args/n", "Write a whole number of at most 64 bits."));
        }

        public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
        {
            canonical = args;
            refusal = Check(args);
            return refusal is null;
        }

        public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => ValueTask.FromResult(args);
    }
}
