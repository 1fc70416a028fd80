using System.Text;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Gives back the same string for the same short UTF-8 text: names of queues, tasks and nodes repeat in every row.
/// Direct-mapped and bounded; a newcomer takes its slot.</summary>
internal sealed class SmallStrings
{
    private const int Slots = 256;

    private readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[Slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref _slots[(uint)hash.ToHashCode() % Slots];
        if (slot.Utf8 is not null && utf8.SequenceEqual(slot.Utf8)) return slot.Text;
        slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Text;
    }
}
