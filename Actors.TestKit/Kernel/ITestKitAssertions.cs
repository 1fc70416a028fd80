namespace ActorPerf.TestKit;

/// <summary>How a test fails: the test framework's words, so that the kit depends on none.</summary>
public interface ITestKitAssertions
{
    void AssertEqual<T>(T expected, T actual, string format = "", params object[] args);

    void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args);

    void AssertFalse(bool condition, string format = "", params object[] args);

    void AssertTrue(bool condition, string format = "", params object[] args);

    /// <summary>Throws.</summary>
    void Fail(string format = "", params object[] args);
}
