using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;

namespace ActorPerf.Tests.Jobs.Search;

public sealed class FilterTextTests
{
    [Theory]
    [InlineData("state:failed", "state:failed")]
    [InlineData("  state:failed   task:report ", "state:failed task:report")]
    [InlineData("state:failed,expired tag:x", "(state:failed or state:expired) tag:x")]
    [InlineData("a.b:1", null)]
    [InlineData("state:failed AND task:a OR task:b", "state:failed task:a or task:b")]
    [InlineData("-tag:test", "-tag:test")]
    [InlineData("-(tag:a tag:b)", "-(tag:a tag:b)")]
    [InlineData("((tag:a) (tag:b tag:c))", "tag:a tag:b tag:c")]
    [InlineData("(tag:a or (tag:b or tag:c))", "tag:a or tag:b or tag:c")]
    [InlineData("error:\"timed out\"", "error:\"timed out\"")]
    [InlineData("ran>2s", "ran>2s")]
    [InlineData("ran>=1500ms waited<1m", "ran>=1s500ms waited<1m")]
    [InlineData("attempt:3", "attempt=3")]
    [InlineData("finished<1h", "finished<1h")]
    [InlineData("created>2026-11-01", "created>2026-11-01T00:00:00Z")]
    [InlineData("created>=2026-11-01T10:30+02:00", "created>=2026-11-01T08:30:00Z")]
    [InlineData("TASK:a LimitKey:b", "task:a limitKey:b")]
    [InlineData("task:rep*", "task:rep*")]
    [InlineData("task:\"rep*\"", "task:\"rep*\"")]
    [InlineData("node:*", "node:*")]
    [InlineData("args.customer.id:42", "args.customer.id:42")]
    [InlineData("0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11", "id:0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11")]
    [InlineData("", "")]
    public void A_text_has_one_canonical_form(string text, string? canonical)
    {
        Assert.Equal(canonical is not null, FilterText.TryParse(text, out var filter, out var fault));
        Assert.Equal(canonical, filter?.ToString());
        Assert.Equal(canonical is null, fault is not null);
    }

    [Theory]
    [InlineData("stat:failed", 1, "did you mean 'state'")]
    [InlineData("state:faild", 7, "did you mean 'failed'")]
    [InlineData("task:a report", 8, "FIELD:VALUE")]
    [InlineData("task:", 6, "value is missing")]
    [InlineData("(task:a", 1, "not closed")]
    [InlineData("task:a)", 7, "closes nothing")]
    [InlineData("task:a or", 10, "missing")]
    [InlineData("()", 2, "missing")]
    [InlineData("-", 2, "missing")]
    [InlineData("error:\"x", 7, "not closed")]
    [InlineData("ran>soon", 5, "no duration")]
    [InlineData("ran:2s", 5, "Use <")]
    [InlineData("attempt>x", 9, "whole number")]
    [InlineData("created>yesterday", 9, "no time")]
    [InlineData("task>a", 6, "no order")]
    [InlineData("id:12", 4, "UUID")]
    [InlineData("args.:1", 1, "no member")]
    [InlineData("tag:a\u0007", 6, "control")]
    public void A_fault_says_where_and_what_can_stand_there(string text, int position, string says)
    {
        Assert.False(FilterText.TryParse(text, out _, out var fault));
        Assert.Equal(position, fault!.Position);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_terms_and_depth_are_bounded()
    {
        Assert.False(FilterText.TryParse(new string(' ', FilterText.MaxLength + 1), out _, out _));
        Assert.True(FilterText.TryParse(string.Join(' ', Enumerable.Repeat("tag:a", FilterText.MaxTerms)), out _, out _));
        Assert.False(FilterText.TryParse(string.Join(' ', Enumerable.Repeat("tag:a", FilterText.MaxTerms + 1)), out _, out _));
        Assert.True(FilterText.TryParse(Nested(FilterText.MaxDepth), out _, out _));
        Assert.False(FilterText.TryParse(Nested(FilterText.MaxDepth + 1), out _, out _));
        Assert.False(FilterText.TryParse(new string('-', FilterText.MaxDepth + 1) + "tag:a", out _, out _));

        static string Nested(int depth) => new string('(', depth) + "tag:a" + new string(')', depth);
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same_filter()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var filter = new RandomFilter(new Random(seed)).Next(depth: 4);
            var text = filter.ToString();
            Assert.True(FilterText.TryParse(text, out var read, out var fault), $"seed {seed}: {text}: {fault}");
            Assert.True(filter == read, $"seed {seed}: {text} reads back as {read}");
            Assert.Equal(text, read.ToString());
        }
    }

    [Fact]
    public void No_text_whatever_throws()
    {
        string[] pieces = ["state", ":", "failed", "-", "(", ")", " ", "or", "\"", "\\", "*", "args.", "a.b", "<", ">", "=", "2s", "2026-11-01", "\ud83d", "\ude00", "ü", "\0", ",", "9999999999999d"];
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var left = random.Next(12); left > 0; left--) text.Append(pieces[random.Next(pieces.Length)]);
            var written = text.ToString();
            if (!FilterText.TryParse(written, out var filter, out var fault)) Assert.InRange(fault!.Position, 1, written.Length + 1);
            else Assert.True(FilterText.TryParse(filter.ToString(), out var again, out _) && again == filter, written);
        }
    }
}
