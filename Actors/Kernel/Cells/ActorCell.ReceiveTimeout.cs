namespace ActorPerf.Kernel;

/// <summary>The receive time-out.</summary>
internal sealed partial class ActorCell
{
    public TimeSpan? ReceiveTimeout => _extras?.ReceiveTimeout?.Timeout;

    /// <inheritdoc/>
    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        if (timeout is null && _extras?.ReceiveTimeout is null) return;
        if (timeout <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A receive time-out is longer than zero; null turns it off.");
        Extras.ReceiveTimeout?.Stop();
        Extras.ReceiveTimeout = timeout is { } length ? new ReceiveTimeoutClock(this, length) : null;
        Extras.ReceiveTimeout?.Start();
    }

    private void CheckReceiveTimeout() => _extras?.ReceiveTimeout?.Check(busy: _extras.Awaiting is not null);
}
