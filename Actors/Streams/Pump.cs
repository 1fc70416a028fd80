using System.Runtime.CompilerServices;

namespace ActorPerf.Streams;

/// <summary>A loop between two stages.</summary>
internal static class Pump
{
    /// <summary>Starts a loop on a scheduler; every continuation of it runs there too.</summary>
    /// <remarks>The context of the caller flows in, so that functions of a stream see the scope they were written in.</remarks>
    public static Task Start(TaskScheduler? scheduler, Func<Task> loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler ?? TaskScheduler.Current).Unwrap();

    /// <summary>Awaits a task's end, however it ends.</summary>
    public static ConfiguredTaskAwaitable EndOf(Task task) =>
        task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>Moves a source into a buffer, which takes over its end and its failure; never throws itself.</summary>
    public static async Task FillAsync<T>(IAsyncEnumerable<T> source, StreamBuffer<T> buffer, CancellationToken ct)
    {
        try
        {
            await foreach (var item in source.WithCancellation(ct))
                if (!await buffer.OfferAsync(item, ct)) break;
            buffer.Complete();
        }
        catch (Exception failure)
        {
            buffer.Complete(failure);
        }
    }
}
