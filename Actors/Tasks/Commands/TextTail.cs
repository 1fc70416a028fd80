using System.Text;

namespace ActorPerf.Tasks.Commands;

/// <summary>The last 4 KiB of a text that comes in lines.</summary>
internal sealed class TextTail
{
    /// <summary>What an error's message holds (<see cref="TaskError"/>).</summary>
    public const int Most = 4096;

    private readonly StringBuilder _text = new();

    public void Add(string line)
    {
        if (_text.Length > 0) _text.Append('\n');
        _text.Append(line.Length > Most ? line.AsSpan(line.Length - Most) : line);
        if (_text.Length > 2 * Most) _text.Remove(0, _text.Length - Most);
    }

    public override string ToString()
    {
        var text = _text.ToString();
        var start = Math.Max(0, text.Length - Most);
        while (start < text.Length && char.IsLowSurrogate(text[start])) start++;
        for (; text.Length > start && Encoding.UTF8.GetByteCount(text.AsSpan(start)) > Most; start++)
        {
        }
        if (start < text.Length && char.IsLowSurrogate(text[start])) start++;
        return text[start..].Trim();
    }
}
