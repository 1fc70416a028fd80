using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Tests.Tasks.Fetching;

/// <summary>Which addresses are reached, whatever they are called and however they are written.</summary>
public sealed class AddressesTests : IAsyncLifetime
{
    private readonly PlainServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("0.0.0.0", "0.255.255.255")]
    [InlineData("10.0.0.0", "10.255.255.255")]
    [InlineData("100.64.0.0", "100.127.255.255")]
    [InlineData("127.0.0.0", "127.255.255.255")]
    [InlineData("169.254.0.0", "169.254.255.255")]
    [InlineData("172.16.0.0", "172.31.255.255")]
    [InlineData("192.0.0.0", "192.0.0.255")]
    [InlineData("192.0.2.0", "192.0.2.255")]
    [InlineData("192.88.99.0", "192.88.99.255")]
    [InlineData("192.168.0.0", "192.168.255.255")]
    [InlineData("198.18.0.0", "198.19.255.255")]
    [InlineData("198.51.100.0", "198.51.100.255")]
    [InlineData("203.0.113.0", "203.0.113.255")]
    [InlineData("224.0.0.0", "239.255.255.255")]
    [InlineData("240.0.0.0", "255.255.255.255")]
    [InlineData("168.63.129.16", "168.63.129.16")]
    [InlineData("::", "::ffff")]
    [InlineData("::1:0:0:0", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("100::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("4000::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Networks_of_a_special_kind_are_not_of_the_open_internet(string first, string last)
    {
        Assert.False(Addresses.IsPublic(IPAddress.Parse(first)));
        Assert.False(Addresses.IsPublic(IPAddress.Parse(last)));
    }

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.17")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("93.184.216.34")]
    [InlineData("2606:4700::1111")]
    [InlineData("2001:200::1")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("3ffe::1")]
    [InlineData("::ffff:93.184.216.34")]
    [InlineData("64:ff9b::5db8:d822")]
    [InlineData("2002:5db8:d822::1")]
    public void Their_neighbours_are(string address) => Assert.True(Addresses.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("::ffff:{0}")]
    [InlineData("::ffff:0:{0}")]
    [InlineData("::{0}")]
    [InlineData("64:ff9b::{0}")]
    [InlineData("64:ff9b:1::{0}")]
    [InlineData("2002:{1}::1")]
    [InlineData("2001:0:{1}::1")]
    [InlineData("2001:0:505:505:0:0:{2}")]
    [InlineData("2606:4700::5efe:{0}")]
    [InlineData("2606:4700::200:5efe:{0}")]
    [InlineData("fe80::5efe:{0}")]
    public void An_address_that_carries_an_internal_one_inside_is_judged_by_that(string pattern)
    {
        foreach (var inner in new[] { "127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "0.0.0.0" })
        {
            var bytes = IPAddress.Parse(inner).GetAddressBytes();
            var address = string.Format(CultureInfo.InvariantCulture, pattern, inner, Hex(bytes), Hex([.. bytes.Select(static one => (byte)~one)]));
            Assert.False(Addresses.IsPublic(IPAddress.Parse(address)), address);
        }

        static string Hex(byte[] bytes) => $"{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}";
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fe80::1%1")]
    public async Task A_name_with_an_internal_address_is_refused(string address)
    {
        using var fetcher = Fetcher("http://api.example.com/", (_, _) => Task.FromResult(new[] { IPAddress.Parse(address) }));
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest("http://api.example.com/")));
        Assert.Contains("allow-internal", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("017700000001")]
    [InlineData("127.0.0.1.")]
    [InlineData("127。0。0。1")]
    [InlineData("0")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST.")]
    [InlineData("[::1]")]
    [InlineData("[::]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    public async Task An_internal_address_in_the_list_itself_needs_the_other_list_however_it_is_written(string host)
    {
        var url = $"http://{host}:{_server.Port}/";
        using var fetcher = Fetcher(url, static (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));
        var refused = await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(url)));
        Assert.Contains("allow-internal", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, _server.Requests);
    }

    [Fact]
    public async Task The_address_that_was_judged_is_the_one_that_is_connected_to()
    {
        var name = $"http://api.example.com:{_server.Port}/";
        var (open, looks) = (IPAddress.Parse("93.184.216.34"), 0);
        var dialled = new List<IPEndPoint>();
        _server.Answer = static _ => "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nopen";
        // Open at the first look, internal at every later one: who looked again to connect would reach the loopback.
        using var fetcher = Fetcher(name, (_, _) => Task.FromResult(new[] { looks++ == 0 ? open : IPAddress.Loopback }), async (address, ct) =>
        {
            dialled.Add(address);
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, _server.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        });
        Assert.Equal("open", Encoding.UTF8.GetString((await fetcher.FetchAsync(new FetchRequest(name))).Body.Span));
        Assert.Equal([new IPEndPoint(open, _server.Port)], dialled);
        Assert.Equal(1, looks);
        // The next connection is judged anew, by its own look.
        await Assert.ThrowsAsync<FetchRefusedException>(() => fetcher.FetchAsync(new FetchRequest(name)));
        Assert.Equal((1, 2, 1), (dialled.Count, looks, _server.Requests));
    }

    [Fact]
    public async Task Of_a_host_with_several_addresses_the_internal_ones_are_left_out()
    {
        var dialled = new List<IPAddress>();
        using var fetcher = Fetcher("http://api.example.com/",
            static (_, _) => Task.FromResult(new[] { IPAddress.Loopback, IPAddress.Parse("93.184.216.34"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("2606:4700::1111") }),
            (address, _) =>
            {
                dialled.Add(address.Address);
                throw new SocketException((int)SocketError.ConnectionRefused);
            });
        await Assert.ThrowsAsync<HttpRequestException>(() => fetcher.FetchAsync(new FetchRequest("http://api.example.com/")));
        Assert.Equal([IPAddress.Parse("93.184.216.34"), IPAddress.Parse("2606:4700::1111")], dialled);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_a_server_that_cannot_be_reached()
    {
        using var fetcher = Fetcher("http://api.example.com/", static (_, _) => Task.FromResult(new[] { IPAddress.Parse("93.184.216.34") }), static async (_, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            return Stream.Null;
        }, patience: TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAsync<HttpRequestException>(() => fetcher.FetchAsync(new FetchRequest("http://api.example.com/")));
    }

    private static Fetcher Fetcher(string allow, Func<string, CancellationToken, Task<IPAddress[]>> resolve, Func<IPEndPoint, CancellationToken, Task<Stream>>? connect = null, TimeSpan? patience = null)
    {
        var network = new Network { Resolve = resolve, Connect = connect ?? new Network().Connect, ConnectTimeout = patience ?? TimeSpan.FromSeconds(15) };
        var options = new FetchOptions { Allow = [allow], Timeout = TimeSpan.FromSeconds(60) };
        return new Fetcher(options, new FetchRules(options), TimeProvider.System, network);
    }
}
