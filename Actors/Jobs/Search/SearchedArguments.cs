using System.Text.Json;

namespace ActorPerf.Jobs.Search;

/// <summary>A job's arguments for as long as searches are asked of them: read when the first asks, and once, however many do.</summary>
/// <param name="args">UTF-8 JSON; what is none has no values.</param>
public sealed class SearchedArguments(ReadOnlyMemory<byte> args) : IDisposable
{
    private Dictionary<string, IReadOnlyList<string>>? _values;
    private JsonDocument? _document;

    /// <summary>As of <see cref="ArgumentValues"/>.</summary>
    public IReadOnlyList<string> Of(string path)
    {
        if (_values is null) Read();
        if (_document is null) return [];
        if (!_values!.TryGetValue(path, out var values)) _values.Add(path, values = ArgumentValues.Of(_document.RootElement, path));
        return values;
    }

    public void Dispose() => _document?.Dispose();

    private void Read()
    {
        _values = new(StringComparer.Ordinal);
        try
        {
            _document = JsonDocument.Parse(args);
        }
        catch (JsonException)
        {
            // Stored by an older rule of what is JSON: it has no members.
        }
    }
}
