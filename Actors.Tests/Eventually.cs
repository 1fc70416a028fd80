namespace ActorPerf.Tests;

/// <summary>Waits for what other threads bring about, without a fixed sleep.</summary>
internal static class Eventually
{
    public static async Task Is(Func<bool> condition, string what)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), $"never: {what}");
            await Task.Yield();
        }
    }

    public static async Task Is(Func<Task<bool>> condition, string what)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), $"never: {what}");
            await Task.Yield();
        }
    }
}
