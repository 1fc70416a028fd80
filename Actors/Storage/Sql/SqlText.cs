using System.Text;

namespace ActorPerf.Storage.Sql;

/// <summary>A statement as it is put together: text, and the values of its parameters in their order.</summary>
/// <remarks>Values only ever become parameters. What is added as text is constant, or was checked and quoted by the dialect.</remarks>
internal sealed class SqlText(SqlDialect dialect)
{
    private readonly StringBuilder _text = new();

    /// <summary><c>long</c>, <c>double</c>, <c>string</c>, <c>byte[]</c> or <see cref="Utf8Text"/>.</summary>
    public List<object> Values { get; } = [];

    public SqlText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds a parameter.</summary>
    public SqlText Value(object value)
    {
        Values.Add(value);
        _text.Append(dialect.Parameter(Values.Count));
        return this;
    }

    public override string ToString() => _text.ToString();
}

/// <summary>UTF-8 to be bound as text. It may end inside a character: the end of a range of texts.</summary>
internal sealed record Utf8Text(byte[] Bytes);
