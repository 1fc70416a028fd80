using System.Diagnostics;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit.MultiNode;

/// <param name="Ms">How long it takes, in milliseconds.</param>
/// <param name="FirstMs">How long its first attempt takes; null: as long as the others.</param>
/// <param name="Deaf">It does not follow its token, as code that a person wrote in a hurry.</param>
/// <param name="Deadly">It takes its process down with it, as code that a person wrote in C.</param>
/// <param name="Key">Tells calls apart, and depends on a parent's result where that is named here.</param>
public sealed record WitnessArgs(int Ms = 0, int? FirstMs = null, bool Deaf = false, bool Deadly = false, string? Key = null);

/// <summary>Task <c>witness</c> of the kit's nodes: notes each run in the <see cref="Witness"/>; its result is its attempt.</summary>
[ComputeTask("witness", Summary = "Notes each run, and takes as long as it is told.")]
public sealed class WitnessTask(TimeProvider time) : IComputeTask<WitnessArgs, int>
{
    private static readonly Lazy<Witness> Seen = new(Witness.Here);

    public async ValueTask<int> RunAsync(WitnessArgs args, TaskContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(context);
        using var run = Seen.Value.Begin(context);
        if (args.Deadly) Process.GetCurrentProcess().Kill();
        var takes = context.Attempt == 1 && args.FirstMs is { } first ? first : args.Ms;
        if (takes > 0) await Task.Delay(TimeSpan.FromMilliseconds(takes), time, args.Deaf ? CancellationToken.None : ct);
        return context.Attempt;
    }
}
