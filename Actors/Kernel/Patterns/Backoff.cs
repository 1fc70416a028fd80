namespace ActorPerf.Kernel;

/// <summary>Ways to start a child again with growing pauses.</summary>
public static class Backoff
{
    /// <summary>Starts the child anew a while after it failed so that its strategy would restart it. A child that stops otherwise stops its
    /// supervisor too.</summary>
    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        OnFailure(childProps, childName, minBackoff, maxBackoff, randomFactor, -1);

    public static BackoffOptions OnFailure(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        new(new BackoffSettings(childProps, childName, minBackoff, maxBackoff, randomFactor) { MaxRetries = maxNrOfRetries, OnFailure = true });

    /// <summary>Starts the child anew a while after it stopped, for whatever reason.</summary>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor, -1);

    public static BackoffOptions OnStop(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        new(new BackoffSettings(childProps, childName, minBackoff, maxBackoff, randomFactor) { MaxRetries = maxNrOfRetries });
}
