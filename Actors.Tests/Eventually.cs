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
        while (!condition())
        {
            if (waited.Elapsed > Patience) Assert.Fail($"never: {what()}");
            await Task.Yield();
        }
    }

    public static async Task Is(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < Patience, $"never: {what}");
            await Task.Yield();
        }
    }
}
