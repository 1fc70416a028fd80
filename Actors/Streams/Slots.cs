using System.Threading.Tasks.Sources;

namespace ActorPerf.Streams;

/// <summary>Permits for work under way: one loop takes them, anybody gives them back.</summary>
internal sealed class Slots : IValueTaskSource
{
    private readonly Lock _gate = new();
    private readonly int _all;
    // The taker goes on where a permit was given back, so that no hop lies between the end of one piece of work and the start of the next.
    private ManualResetValueTaskSourceCore<bool> _wake;
    private int _free;
    private int _wanted;                   // free permits that the taker waits for; 0: it does not wait

    public Slots(int count) => _free = _all = count;

    public bool TryTake()
    {
        lock (_gate)
        {
            if (_free == 0) return false;
            _free--;
            return true;
        }
    }

    /// <summary>Takes a permit as soon as there is one.</summary>
    public ValueTask TakeAsync() => TryTake() ? default : WaitAsync(1);

    /// <summary>Waits until all work has ended. No permit can be taken afterwards.</summary>
    public ValueTask AllBackAsync() => WaitAsync(_all);

    public void GiveBack()
    {
        lock (_gate)
        {
            _free++;
            if (_wanted == 0 || _free < _wanted) return;
            _free -= _wanted;
            _wanted = 0;
        }
        _wake.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private ValueTask WaitAsync(int wanted)
    {
        lock (_gate)
        {
            if (_free >= wanted)
            {
                _free -= wanted;
                return default;
            }
            _wanted = wanted;
            _wake.Reset();
            return new ValueTask(this, _wake.Version);
        }
    }
}
