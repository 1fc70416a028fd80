using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Tracing;

/// <summary>Settings under <c>actorperf.tracing</c>.</summary>
public sealed record TracingOptions
{
    /// <summary>Keep traces for the console and the API. Off, routes are still counted. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Requests of a route whose calls are recorded in a second, and attempts of a task alike; a caller's sampled <c>traceparent</c> is recorded beyond it. Default 20; 0 to 100,000.</summary>
    [Range(0, 100_000)]
    public int RequestsPerSecond { get; init; } = 20;

    /// <summary>Share of the requests beyond <see cref="RequestsPerSecond"/> that is recorded all the same. Default 0; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double ShareBeyond { get; init; }

    /// <summary>Memory for traces, all together. Default 32 MiB; 1 MiB to 4 GiB.</summary>
    [ByteSize, Range(1L << 20, 4L << 30)]
    public long MaxBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Slowest traces kept of each route. Default 20; 0 to 1,000.</summary>
    [Range(0, 1_000)]
    public int Slowest { get; init; } = 20;

    /// <summary>Latest traces kept of each route. Default 50; 0 to 1,000.</summary>
    [Range(0, 1_000)]
    public int Latest { get; init; } = 50;

    /// <summary>Latest traces with an error kept of each route. Default 100; 0 to 1,000.</summary>
    [Range(0, 1_000)]
    public int Errors { get; init; } = 100;

    /// <summary>Spans kept of a trace; those beyond are counted. Default 500; 10 to 10,000.</summary>
    [Range(10, 10_000)]
    public int MaxSpans { get; init; } = 500;

    /// <summary>Where spans are sent over OTLP.</summary>
    public OtlpOptions Otlp { get; init; } = new();
}

/// <summary>Settings under <c>actorperf.tracing.otlp</c>: the export of spans to a collector of OpenTelemetry.</summary>
public sealed record OtlpOptions
{
    /// <summary>Such as <c>http://127.0.0.1:4318/v1/traces</c> (http-protobuf) or <c>http://127.0.0.1:4317</c> (grpc). Default empty: nothing is sent.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary><c>http-protobuf</c> (the default) or <c>grpc</c>.</summary>
    public OtlpProtocol Protocol { get; init; } = OtlpProtocol.HttpProtobuf;

    /// <summary>Headers of each export, <c>name=value</c> with commas between, such as a collector's key. Default empty.</summary>
    [Secret]
    public string Headers { get; init; } = "";

    /// <summary>Share of the traces that begin here which is exported; one that a caller has begun follows the caller's sampled flag. Default 1; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double Share { get; init; } = 1;

    /// <summary>What the spans are said to come from (<c>service.name</c>). Default <c>actorperf</c>.</summary>
    public string ServiceName { get; init; } = "actorperf";
}

public enum OtlpProtocol
{
    HttpProtobuf,
    Grpc,
}
