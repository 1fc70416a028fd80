using System.Diagnostics;

namespace ActorPerf.Tests;

/// <summary>Waits for what other threads bring about, without a fixed sleep.</summary>
internal static class Eventually
{
    /// <summary>Far more than anything here takes where nothing is wrong: the machine may be slow, and busy with other things.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task Is(Func<bool> condition, string what) => Is(condition, () => what);

    /// <param name="what">Asked only when it never came.</param>
    public static async Task Is(Func<bool> condition, Func<string> what)
    {
        var waited = Stopwatch.StartNew();
        for (var turns = 0; !condition(); turns++)
        {
            if (waited.Elapsed > Patience) Assert.Fail($"never: {what()}");
            await TurnAsync(turns);
        }
    }

    public static async Task Is(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        for (var turns = 0; !await condition(); turns++)
        {
            Assert.True(waited.Elapsed < Patience, $"never: {what}");
            await TurnAsync(turns);
        }
    }

    /// <summary>Lets others run: what takes longer than a moment gets the processor for itself.</summary>
    private static async Task TurnAsync(int turns)
    {
        if (turns < 100) await Task.Yield();
        else await Task.Delay(1);
    }
}
