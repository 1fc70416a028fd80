namespace ActorPerf.Web.Console.Access;

/// <summary>Slows guessing down: so many attempts a minute from one address, and so many from everywhere.</summary>
/// <remarks>A window of one minute that starts afresh; at most <see cref="FromEverywhere"/> addresses are remembered, so memory is bounded.</remarks>
internal sealed class SignInAttempts(TimeProvider time)
{
    public const int FromOneAddress = 10;
    public const int FromEverywhere = 200;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private int _all;
    private long _windowStart;

    /// <summary>Counts an attempt. False: too many; try again when the minute is over.</summary>
    public bool TryBegin(string address)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_windowStart) >= Window) StartAfresh();
            var own = _byAddress.GetValueOrDefault(address);
            if (_all >= FromEverywhere || own >= FromOneAddress) return false;
            _all++;
            _byAddress[address] = own + 1;
            return true;
        }
    }

    private void StartAfresh()
    {
        _windowStart = time.GetTimestamp();
        _byAddress.Clear();
        _all = 0;
    }
}
