using ActorPerf.Cluster;

namespace ActorPerf.Tests.Cluster;

public sealed class FeedPlaceTests
{
    [Fact]
    public void Places_are_in_the_order_of_transactions_then_of_numbers()
    {
        FeedPlace[] places = [new(7, 40), new(6, 90), new(7, 39), FeedPlace.Of(5)];

        Assert.Equal([FeedPlace.Of(5), new(6, 90), new(7, 39), new(7, 40)], places.Order());
        Assert.True(new FeedPlace(6, 90) < new FeedPlace(7, 1) && new FeedPlace(7, 2) >= new FeedPlace(7, 2));
    }

    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(12, 12, "12")]
    [InlineData(907, 3, "907.3")]
    [InlineData(long.MaxValue, 1, "9223372036854775807.1")]
    public void A_place_reads_back_from_its_text(long tx, long seq, string text)
    {
        Assert.Equal(text, new FeedPlace(tx, seq).ToString());
        Assert.True(FeedPlace.TryParse(text, out var read));
        Assert.Equal(new FeedPlace(tx, seq), read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.")]
    [InlineData(".1")]
    [InlineData("1.2.3")]
    [InlineData("9223372036854775808")]
    public void What_is_no_place_is_refused(string? text) => Assert.False(FeedPlace.TryParse(text, out _));
}
