using ActorPerf.Tasks;

namespace Words;

public sealed record WordsArgs(string Text);

[ComputeTask("words", Summary = "Counts the words of a text.", Memoize = "1h")]
public sealed class WordsTask : IComputeTask<WordsArgs, int>
{
    public ValueTask<int> RunAsync(WordsArgs args, TaskContext context, CancellationToken ct) =>
        ValueTask.FromResult(args.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
}
