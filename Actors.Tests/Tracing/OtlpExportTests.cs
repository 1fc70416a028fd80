using System.Buffers.Binary;
using System.Text;
using ActorPerf.Setup;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Tracing;

/// <summary>What a collector of OpenTelemetry receives is what the node shows. Alone, for an exporter samples every trace of the process.</summary>
[Collection(nameof(AloneCollection))]
public sealed class OtlpExportTests
{
    [Fact]
    public async Task A_collector_receives_the_same_spans_with_the_same_durations()
    {
        await using var collector = await Receiver.StartAsync();
        using var traces = new TraceCollector(new TracingOptions(), TimeProvider.System);
        string id;
        using (OtlpExport.Start(new OtlpOptions { Endpoint = collector.Address, ServiceName = "shop" }, "node-1"))
        {
            var meter = traces.Route(CallKind.Request, "GET /exported");
            var root = meter.Start()!;
            Assert.True(root.Recorded);
            // Of a trace that an exporter has, the span itself goes on.
            Assert.Equal(root.Id, Spans.TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            var outer = Spans.Enter(CallKind.Cache, "report");
            var inner = Spans.Begin(CallKind.Get, "Account", "/src/Pages/Report.cs", 41);
            Spans.End(inner, "timeout");
            Spans.End(outer);
            meter.End(root, "default", 200, null);
            id = root.SpanId.ToHexString();
        }

        var shown = traces.Find("default", id)!;
        var received = collector.Spans.Where(span => span.Trace == shown.Summary.TraceId).ToDictionary(static span => span.Id, StringComparer.Ordinal);
        Assert.Equal(shown.Spans.Select(static span => span.Id).Order(), received.Keys.Order());
        foreach (var span in shown.Spans)
        {
            var sent = received[span.Id];
            Assert.Equal((span.Name, span.Parent ?? "", span.Duration), (sent.Name, sent.Parent, sent.Duration));
        }
        Assert.Contains("shop", collector.Text, StringComparison.Ordinal);
        Assert.Contains("node-1", collector.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_node_sends_what_it_shows_of_requests_and_attempts()
    {
        await using var collector = await Receiver.StartAsync();
        List<Trace> shown;
        await using (var node = await Web.Api.NodeHost.StartAsync(settings: [new("actorperf:tracing:otlp:endpoint", collector.Address), new("actorperf:tracing:otlp:service-name", "shop")]))
        {
            (await node.Client.PostAsync("compute/square", Http.Json("""{"n":12}"""))).EnsureSuccessStatusCode();
            (await node.Client.PutAsync("data/Account/ann", Http.Json("""{"name":"Ann"}"""))).EnsureSuccessStatusCode();
            (await node.Client.PostAsync("data/Account/get", Http.Json("""{"ids":["ann","bob"]}"""))).EnsureSuccessStatusCode();
            (await node.Client.PostAsync("jobs", Http.Json("""{"task":"square","args":{"n":13}}"""))).EnsureSuccessStatusCode();
            var traces = node.Services.GetRequiredService<ITraces>();
            await Eventually.Is(() => traces.List(new TraceQuery("default")).Count == 5, "four requests and an attempt are kept");
            shown = [.. traces.List(new TraceQuery("default")).Select(one => traces.Find("default", one.Id)!)];
        }

        // The node has stopped, and has sent what there was.
        Assert.Equal([CallKind.Request, CallKind.Attempt], shown.Select(static one => one.Summary.Kind).Distinct().Order());
        Assert.All([CallKind.Cache, CallKind.Compute, CallKind.Write, CallKind.Statement, CallKind.Submit], kind => Assert.Contains(shown, one => one.Spans.Any(span => span.Kind == kind)));
        var received = collector.Spans.ToDictionary(static span => span.Id, StringComparer.Ordinal);
        foreach (var one in shown)
        {
            Assert.Equal(one.Spans.Select(static span => span.Id).Order(), received.Values.Where(span => span.Trace == one.Summary.TraceId).Select(static span => span.Id).Order());
            foreach (var span in one.Spans)
            {
                var sent = received[span.Id];
                Assert.Equal((span.Name, span.Parent ?? "", span.IsOpen ? sent.Duration : span.Duration), (sent.Name, sent.Parent, sent.Duration));
            }
        }
        Assert.Contains("shop", collector.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_does_not_sample_is_followed()
    {
        await using var collector = await Receiver.StartAsync();
        using var traces = new TraceCollector(new TracingOptions(), TimeProvider.System);
        const string unsampled = "00-2af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        const string sampled = "00-3af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using (OtlpExport.Start(new OtlpOptions { Endpoint = collector.Address, Share = 0 }, "node-1"))
        {
            foreach (var sent in (string[])[unsampled, sampled])
            {
                var meter = traces.Route(CallKind.Request, "GET /followed");
                var root = meter.Start(sent)!;
                Assert.Equal(sent.EndsWith("01", StringComparison.Ordinal), root.Recorded);
                meter.End(root, "default", 200, null);
            }
        }
        // Both are kept here; only the one that was sampled is sent.
        Assert.Equal(2, traces.List(new TraceQuery("default")).Count);
        Assert.DoesNotContain(collector.Spans, static span => span.Trace.StartsWith("2af", StringComparison.Ordinal));
        Assert.Contains(collector.Spans, static span => span.Trace.StartsWith("3af", StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_that_is_none_is_refused_with_what_to_write()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationBuilder()
            .Add(new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = new Dictionary<string, string?> { ["actorperf:tracing:otlp:endpoint"] = "collector" } }).Build();
        var faults = new List<ActorPerf.Configuration.ConfigurationFault>();
        ActorPerfSettings.Read(configuration, faults);
        Assert.Contains("http://HOST:4318", Assert.Single(faults).ToString(), StringComparison.Ordinal);
    }

    /// <param name="Duration">To the tick, as activities have it.</param>
    private sealed record SentSpan(string Trace, string Id, string Parent, string Name, TimeSpan Duration);

    /// <summary>Takes exports over HTTP and reads the spans in them (opentelemetry/proto/trace/v1/trace.proto).</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly Lock _gate = new();
        private readonly List<SentSpan> _spans = [];
        private readonly StringBuilder _text = new();

        private Receiver(WebApplication app) => _app = app;

        public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public IReadOnlyList<SentSpan> Spans
        {
            get
            {
                lock (_gate) return [.. _spans];
            }
        }

        public string Text
        {
            get
            {
                lock (_gate) return _text.ToString();
            }
        }

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var receiver = new Receiver(builder.Build());
            receiver._app.MapPost("/v1/traces", (RequestDelegate)receiver.TakeAsync);
            await receiver._app.StartAsync();
            return receiver;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            lock (_gate)
            {
                _text.Append(Encoding.Latin1.GetString(body.ToArray()));
                foreach (var resource in Fields(body.ToArray(), 1))
                    foreach (var scope in Fields(resource, 2))
                        foreach (var span in Fields(scope, 2)) _spans.Add(Read(span));
            }
        }

        private static SentSpan Read(byte[] span)
        {
            var nanoseconds = BinaryPrimitives.ReadUInt64LittleEndian(Field(span, 8)) - BinaryPrimitives.ReadUInt64LittleEndian(Field(span, 7));
            return new SentSpan(Hex(Field(span, 1)), Hex(Field(span, 2)), Hex(Field(span, 4)), Encoding.UTF8.GetString(Field(span, 5)), TimeSpan.FromTicks((long)nanoseconds / 100));
        }

        private static string Hex(byte[] id) => Convert.ToHexStringLower(id);

        private static byte[] Field(byte[] message, int number) => Fields(message, number).FirstOrDefault() ?? [];

        /// <summary>The values of a field: bytes of what has a length, eight bytes of a fixed number.</summary>
        private static IEnumerable<byte[]> Fields(byte[] message, int number)
        {
            for (var at = 0; at < message.Length;)
            {
                var tag = Varint(message, ref at);
                var length = (tag & 7) switch
                {
                    0 => Skipped(message, at),
                    1 => 8,
                    5 => 4,
                    _ => (int)Varint(message, ref at),
                };
                if ((int)(tag >> 3) == number) yield return message[at..(at + length)];
                at += length;
            }
        }

        private static int Skipped(byte[] message, int at)
        {
            var from = at;
            Varint(message, ref at);
            return at - from;
        }

        private static ulong Varint(byte[] message, ref int at)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80) return value;
            }
        }
    }
}
