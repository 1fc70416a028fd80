namespace ActorPerf.Caching;

/// <summary>About how often a key was asked for of late: a count-min sketch of 4-bit counters (Einziger, Friedman and Manes, "TinyLFU", 2017).</summary>
/// <remarks>Counters are halved in the course of ten times the capacity of asks, a word at each ask, so that old favourites fade and no ask pays for
/// all. The hashes it is given are seeded per process: nobody outside can choose keys that count as others.</remarks>
internal sealed class FrequencySketch
{
    private const int Depth = 4;
    private const int AsksOfACounter = 10;
    private const int MaxWords = 1 << 22;
    private const ulong HalfMask = 0x7777_7777_7777_7777;

    private readonly ulong[] _words;
    private readonly int _mask;
    private readonly int _asksOfAWord;
    private int _untilAging;
    private int _aging;

    /// <param name="capacity">Entries whose rank is to be told; 16 counters a word, a word an entry.</param>
    public FrequencySketch(long capacity)
    {
        var words = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity, 16, MaxWords));
        _words = new ulong[words];
        _mask = words - 1;
        _asksOfAWord = (int)Math.Max(1, AsksOfACounter * Math.Clamp(capacity, 16, MaxWords) / words);
        _untilAging = _asksOfAWord;
    }

    /// <summary>0 to 15.</summary>
    public int Of(int hash)
    {
        var least = 15;
        for (var row = 0; row < Depth; row++)
        {
            var place = Place(hash, row);
            least = Math.Min(least, (int)(_words[(int)(place >> 4) & _mask] >> Shift(place) & 15));
        }
        return least;
    }

    public void Count(int hash)
    {
        for (var row = 0; row < Depth; row++)
        {
            var place = Place(hash, row);
            ref var word = ref _words[(int)(place >> 4) & _mask];
            if ((word >> Shift(place) & 15) < 15) word += 1UL << Shift(place);
        }
        if (--_untilAging > 0) return;
        _untilAging = _asksOfAWord;
        _words[_aging] = _words[_aging] >> 1 & HalfMask;
        _aging = (_aging + 1) & _mask;
    }

    private static uint Place(int hash, int row)
    {
        var mixed = ((uint)hash + (uint)row * 0x9E37_79B9) * 0xC2B2_AE35;
        mixed = (mixed ^ mixed >> 15) * 0x2C1B_3C6D;
        return mixed ^ mixed >> 13;
    }

    private static int Shift(uint place) => (int)(place & 15) * 4;
}
