using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace ActorPerf.Load.Figures.Html;

/// <summary>Builds HTML out of interpolated strings: what stands between the braces is escaped, what stands outside is markup.</summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();

    public Markup Add([InterpolatedStringHandlerArgument("")] ref Handler markup)
    {
        _ = markup;     // it has written into this one already
        return this;
    }

    /// <summary>Markup that was made with another one of these.</summary>
    public Markup Add(Markup part)
    {
        _text.Append(part._text);
        return this;
    }

    /// <summary>Path data, styles and the like: the program's own, never others' words.</summary>
    public Markup Raw(string own)
    {
        _text.Append(own);
        return this;
    }

    public override string ToString() => _text.ToString();

    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        private readonly StringBuilder _into;

        public Handler(int literalLength, int formattedCount, Markup into)
        {
            _into = into._text;
            _into.EnsureCapacity(_into.Length + literalLength + (formattedCount * 8));
        }

        public void AppendLiteral(string literal) => _into.Append(literal);

        public void AppendFormatted(string? text) => _into.Append(HtmlEncoder.Default.Encode(text ?? ""));

        public void AppendFormatted(long number) => _into.Append(CultureInfo.InvariantCulture, $"{number}");

        /// <summary>Places of a drawing.</summary>
        public void AppendFormatted(double number) => _into.Append(CultureInfo.InvariantCulture, $"{number:0.##}");
    }
}
