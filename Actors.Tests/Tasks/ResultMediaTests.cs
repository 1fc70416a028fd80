using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Tasks;

public sealed class ResultMediaTests
{
    [Theory]
    [InlineData("text/csv", ResultForm.Text)]
    [InlineData("Text/HTML; charset=utf-8", ResultForm.Text)]
    [InlineData("application/problem+json", ResultForm.Text)]
    [InlineData("image/svg+xml", ResultForm.Text)]
    [InlineData("application/x-ndjson", ResultForm.Text)]
    [InlineData("image/png", ResultForm.Bytes)]
    [InlineData("application/pdf", ResultForm.Bytes)]
    [InlineData("application/octet-stream", ResultForm.Bytes)]
    public void The_type_says_which_form(string type, ResultForm form)
    {
        var media = ResultMedia.Of(type);
        Assert.Equal(form, media.Form);
        foreach (var content in new[] { "", "plain", "ümlaut \" \\ \n \u0000 😀", "YWJj" })
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            Assert.True(media.TryDecode(media.Encode(bytes).Span, out var back));
            Assert.Equal(bytes, back.ToArray());
        }
    }

    [Theory]
    [InlineData("image/png", "\"no base64!\"")]
    [InlineData("image/png", "[1]")]
    [InlineData("text/csv", "{\"a\":1}")]
    [InlineData("text/csv", "\"half \\ud800\"")]
    [InlineData("text/csv", "\"one\" \"two\"")]
    [InlineData("text/csv", "")]
    public void What_is_no_such_string_is_not_decoded(string type, string json) =>
        Assert.False(ResultMedia.Of(type).TryDecode(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused() =>
        Assert.Throws<ArgumentException>(() => ResultMedia.Of("text/plain").Encode([0xff, 0xfe]));
}
