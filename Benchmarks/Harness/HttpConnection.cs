using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>One keep-alive HTTP/1.1 connection that sends a request and reads its answer; as little as possible, for it shares the processor with the server.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;

    private HttpConnection(Socket socket) => _socket = socket;

    /// <param name="address">Its scheme is <c>http</c>.</param>
    public static async Task<HttpConnection> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port));
        return new HttpConnection(socket);
    }

    public static async Task<HttpConnection[]> ConnectAsync(Uri address, int count)
    {
        var connections = new HttpConnection[count];
        for (var i = 0; i < count; i++) connections[i] = await ConnectAsync(address);
        return connections;
    }

    /// <summary>The bytes of a request.</summary>
    /// <param name="headers">Further header lines, each with its end of line.</param>
    public static byte[] Request(string method, string path, string body = "", string headers = "", string type = "application/json") =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{(method == "GET" ? "" : $"Content-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n")}\r\n{body}"));

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <returns>The answer; its bytes are valid until the next call.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpAnswer> ExchangeAsync(ReadOnlyMemory<byte> request)
    {
        await SendAsync(request);
        _filled = 0;
        while (true)
        {
            await FillAsync();
            if (HttpAnswer.TryRead(_buffer.AsMemory(0, _filled), out var answer)) return answer;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
    }

    /// <summary>Reads whatever comes next, for answers that stream.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        _filled = 0;
        await FillAsync();
        return _buffer.AsMemory(0, _filled);
    }

    public void Dispose() => _socket.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillAsync()
    {
        if (_filled == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None);
        if (read == 0) throw new IOException("The server closed the connection before its answer ended.");
        _filled += read;
    }
}

/// <summary>An answer with a length; all that the measured endpoints send.</summary>
/// <param name="Head">Status line and headers, the empty line included.</param>
internal readonly record struct HttpAnswer(int Status, ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Body)
{
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>False when more bytes are needed.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out HttpAnswer answer)
    {
        answer = default;
        var span = bytes.Span;
        var end = span.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        var head = bytes[..(end + 4)];
        var at = span[..end].IndexOf("\r\nContent-Length: "u8);
        if (at < 0 || !Utf8Parser.TryParse(span[(at + 18)..], out int length, out _)) throw new IOException("The answer says no Content-Length: " + Encoding.UTF8.GetString(head.Span));
        if (bytes.Length < head.Length + length) return false;
        Utf8Parser.TryParse(span[9..], out int status, out _);
        answer = new HttpAnswer(status, head, bytes.Slice(head.Length, length));
        return true;
    }
}
