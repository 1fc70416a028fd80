namespace ActorPerf.Load;

/// <summary>What sends the requests of a run: HTTP/1.1 over kept connections, as many as there are users.</summary>
internal static class LoadClient
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(15);

    /// <remarks>A connection for each user, and one to look at the target's own side (<see cref="TargetQueues"/>). No redirect is followed, so that nothing is sent where the plan does not say; no proxy, no trace headers, no cookies but those that each user keeps of its own (<see cref="LoadSession"/>),
    /// no decompression: what is measured is the server.</remarks>
    public static HttpMessageInvoker Create(LoadPlan plan) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectTimeout(plan),
        MaxConnectionsPerServer = plan.Model is LoadModel.Open open ? open.MaxUsers + 1 : int.MaxValue,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
    });

    /// <summary>How long a connection may take to be made; within the time that its request has.</summary>
    public static TimeSpan ConnectTimeout(LoadPlan plan) => plan.RequestTimeout < LongestConnect ? plan.RequestTimeout : LongestConnect;
}
