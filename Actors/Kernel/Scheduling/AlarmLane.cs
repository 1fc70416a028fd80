using System.Numerics;

namespace ActorPerf.Kernel;

/// <summary>All alarms of one delay, spread over a few queues: an alarm is set by one thread and mostly taken out by another, and both would meet at a single lock for each question.</summary>
internal sealed class AlarmLane
{
    private const int MostQueues = 16;

    [ThreadStatic]
    private static uint t_turn;

    private readonly AlarmQueue[] _queues;

    /// <param name="delay">Above zero.</param>
    public AlarmLane(TimeProvider time, TimeSpan delay)
    {
        Delay = delay;
        // Under a clock of a test the order of alarms that ring together is part of what is tested: one queue keeps it.
        var isReal = ReferenceEquals(time, TimeProvider.System);
        var count = isReal ? Math.Min(MostQueues, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) * 4) : 1;
        _queues = new AlarmQueue[count];
        for (var i = 0; i < count; i++) _queues[i] = new AlarmQueue(time, delay);
    }

    public TimeSpan Delay { get; }

    /// <summary>Alarms that wait.</summary>
    public int SetAlarms => _queues.Sum(static queue => queue.SetAlarms);

    /// <summary>Sets an alarm; false when the lane is closed.</summary>
    public bool TryEnter(LaneAlarm alarm) => _queues[unchecked(t_turn++) & (uint)(_queues.Length - 1)].TryEnter(alarm);

    /// <summary>Lets nobody in any more. Who waits is still rung.</summary>
    public void Close()
    {
        foreach (var queue in _queues) queue.Close();
    }

    /// <summary>Closes the lane if nobody waits in it.</summary>
    public bool TryCloseEmpty()
    {
        var held = 0;
        try
        {
            for (; held < _queues.Length; held++) _queues[held].Gate.Enter();      // always in this order, and nobody else holds two
            if (!Array.TrueForAll(_queues, static queue => queue.IsEmpty)) return false;
            Close();
            return true;
        }
        finally
        {
            while (held > 0) _queues[--held].Gate.Exit();
        }
    }
}
