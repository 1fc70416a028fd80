using System.Globalization;

namespace ActorPerf.Tests.TestKit;

/// <summary>The kit's assertions in xunit's words.</summary>
public sealed class XunitAssertions : ITestKitAssertions
{
    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args) =>
        Assert.True(Equals(expected, actual), format.Length == 0 ? $"Expected {expected}, got {actual}." : Text(format, args));

    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args) =>
        Assert.True(comparer(expected, actual), Text(format, args));

    public void AssertFalse(bool condition, string format = "", params object[] args) => Assert.False(condition, Text(format, args));

    public void AssertTrue(bool condition, string format = "", params object[] args) => Assert.True(condition, Text(format, args));

    public void Fail(string format = "", params object[] args) => Assert.Fail(Text(format, args));

    private static string Text(string format, object[] args) => args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}
