using System.Diagnostics;
using ActorPerf.Streams;
using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Whose statements a request may share: those of its namespace, and inside a transaction only those of that transaction.</summary>
internal readonly record struct LaneId(Namespace Namespace, object? Transaction);

/// <summary>Where a request is.</summary>
internal enum Place
{
    /// <summary>Not lined up yet: held back by its issuer, or behind another write of its key.</summary>
    Aside,

    /// <summary>Waits for room in the queue.</summary>
    Lobby,
    Queued,

    /// <summary>In a statement.</summary>
    UnderWay,

    /// <summary>Settled, failed or given up.</summary>
    Gone,
}

/// <summary>What stands in a <see cref="LaneQueue{TItem}"/>; its members belong to the queue's owner, who holds the lock.</summary>
internal abstract class LaneItem<TItem>(LaneId id)
    where TItem : LaneItem<TItem>
{
    public LaneId Id { get; } = id;
    public Place Place { get; set; }
    public long Since { get; set; }
    public TItem? Before { get; set; }
    public TItem? After { get; set; }
    public LaneQueue<TItem>.Lane? Lane { get; set; }

    /// <summary>What it carries. A read carries nothing.</summary>
    public virtual int Bytes => 0;

    /// <summary>Of the first call that waits for it and is traced; null where none is.</summary>
    public Activity? FirstSpan { get; set; }
}

/// <summary>The bounded queue of a pipeline: one line per namespace and transaction, which take turns, and a lobby for what finds it full.</summary>
/// <remarks>Not for many threads: its owner locks. A batch comes from one line, oldest first; a line with more than a batch goes to the end, so that nobody's load keeps others waiting.
/// Items and bytes are bounded alike: a queue of large writes is as full as one of many.</remarks>
internal sealed class LaneQueue<TItem>(int capacity, TimeProvider time)
    where TItem : LaneItem<TItem>
{
    private const int MaxGone = 4_096;

    /// <summary>What is lined up carries so many bytes at most. A call that alone has more finds room when nothing else waits: its caller holds them anyway.</summary>
    private const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>The same of a batch; one item of more goes alone.</summary>
    private const long BatchBytes = 8L * 1024 * 1024;

    private readonly Dictionary<LaneId, Lane> _lanes = [];
    private readonly Queue<Lane> _turns = new();
    private readonly Queue<ArraySegment<TItem>> _lobby = new();
    private int _goneFromLobby;            // left since the lobby was last swept
    private long _bytes;                   // of what is lined up

    public int Count { get; private set; }

    /// <summary>Everything that ever came into a line.</summary>
    public long Arrived { get; private set; }

    /// <summary>Lines items up, all of them at once or, where there is no room, all of them later.</summary>
    public void Enter(ArraySegment<TItem> items)
    {
        if (_lobby.Count == 0 && HasRoom(items))
        {
            foreach (var item in items) Append(item);
            return;
        }
        foreach (var item in items) (item.Place, item.Since) = (Place.Lobby, time.GetTimestamp());
        _lobby.Enqueue(items);
    }

    /// <summary>Lines up an item that has waited behind another, without asking for room: it has waited its turn.</summary>
    public void Append(TItem item)
    {
        if (!_lanes.TryGetValue(item.Id, out var lane)) _lanes[item.Id] = lane = new Lane(item.Id);
        if (item.Since == 0) item.Since = time.GetTimestamp();
        (item.Place, item.Lane, item.Before) = (Place.Queued, lane, lane.Last);
        if (lane.Last is null) lane.First = item;
        else lane.Last.After = item;
        lane.Last = item;
        lane.Count++;
        Count++;
        Arrived++;
        _bytes += item.Bytes;
        if (lane.InTurn) return;
        lane.InTurn = true;
        _turns.Enqueue(lane);
    }

    /// <summary>Takes an item out of its line or the lobby; it is gone then.</summary>
    public void Withdraw(TItem item)
    {
        var place = item.Place;
        item.Place = Place.Gone;
        if (place == Place.Queued)
        {
            Unlink(item);
            Admit();
        }
        else if (place == Place.Lobby && ++_goneFromLobby > MaxGone)
        {
            SweepLobby();
        }
    }

    public bool IsFull(int max) => _bytes >= BatchBytes || (Count >= max && (_turns.Count > 1 || (_turns.TryPeek(out var lane) && lane.Count >= max)));

    /// <summary>The oldest items of the line whose turn it is; they are under way then. Empty where nobody waits.</summary>
    public TItem[] Take(int max)
    {
        while (_turns.TryDequeue(out var lane))
        {
            lane.InTurn = false;
            if (lane.First is null)
            {
                _lanes.Remove(lane.Id);                   // its items were withdrawn
                continue;
            }
            var batch = new TItem[Math.Min(max, lane.Count)];
            var count = 0;
            for (var bytes = 0L; count < batch.Length && (count == 0 || bytes + lane.First!.Bytes <= BatchBytes); count++)
            {
                var item = batch[count] = lane.First!;
                bytes += item.Bytes;
                Unlink(item);
                item.Place = Place.UnderWay;
            }
            if (count < batch.Length) Array.Resize(ref batch, count);
            lane.InTurn = lane.First is not null;
            if (lane.InTurn) _turns.Enqueue(lane);
            else _lanes.Remove(lane.Id);
            Admit();
            return batch;
        }
        return [];
    }

    /// <summary>Empties the queue.</summary>
    public List<TItem> TakeAll()
    {
        var all = new List<TItem>();
        while (Take(int.MaxValue) is { Length: > 0 } batch) all.AddRange(batch);
        return all;
    }

    private bool HasRoom(ArraySegment<TItem> items)
    {
        if (Count == 0) return true;
        var bytes = _bytes;
        foreach (var item in items) bytes += item.Bytes;
        return Count + items.Count <= capacity && bytes <= MaxBytes;
    }

    private void Admit()
    {
        while (_lobby.TryPeek(out var items) && HasRoom(items))
        {
            _lobby.Dequeue();
            foreach (var item in items)
                if (item.Place == Place.Lobby) Append(item);
        }
    }

    private void SweepLobby()
    {
        for (var left = _lobby.Count; left > 0; left--)
            if (_lobby.Dequeue().Where(item => item.Place == Place.Lobby).ToArray() is { Length: > 0 } waiting) _lobby.Enqueue(waiting);
        _goneFromLobby = 0;
    }

    private void Unlink(TItem item)
    {
        var lane = item.Lane!;
        if (item.Before is null) lane.First = item.After;
        else item.Before.After = item.After;
        if (item.After is null) lane.Last = item.Before;
        else item.After.Before = item.Before;
        (item.Before, item.After, item.Lane) = (null, null, null);
        lane.Count--;
        Count--;
        _bytes -= item.Bytes;
    }

    /// <summary>One line. It is known as long as it is to have its turn, empty or not: requests that come and leave add nothing.</summary>
    public sealed class Lane(LaneId id)
    {
        public LaneId Id { get; } = id;
        public TItem? First { get; set; }
        public TItem? Last { get; set; }
        public int Count { get; set; }
        public bool InTurn { get; set; }
    }
}
