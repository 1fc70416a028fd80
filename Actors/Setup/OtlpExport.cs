using System.Collections.Concurrent;
using ActorPerf.Configuration;
using ActorPerf.Tracing;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActorPerf.Setup;

/// <summary>Sends spans to a collector of OpenTelemetry while it lives. Nodes of one process that send to the same one share it, for all have one source of spans.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const string TracesPath = "/v1/traces";

    private static readonly ConcurrentDictionary<OtlpOptions, OtlpExport> Running = new();
    private static readonly Lock Gate = new();

    private readonly OtlpOptions _options;
    private readonly TracerProvider _provider;
    private int _users;

    private OtlpExport(OtlpOptions options, string node)
    {
        _options = options;
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService(options.ServiceName, serviceVersion: NodeRuntime.Version, serviceInstanceId: node))
            .AddSource(Spans.SourceName)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.Share)))
            .AddOtlpExporter(exporter =>
            {
                exporter.Endpoint = Address(options);
                exporter.Protocol = options.Protocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                if (options.Headers.Length > 0) exporter.Headers = options.Headers;
            })
            .Build();
    }

    /// <summary>Begins, where the configuration names a collector.</summary>
    /// <param name="node">The node's name, which the spans are said to come from.</param>
    /// <returns>Null where it names none. Disposing it sends what is there and ends it.</returns>
    public static IDisposable? Start(OtlpOptions options, string node)
    {
        if (options.Endpoint.Length == 0) return null;
        lock (Gate)
        {
            var export = Running.GetOrAdd(options, static (key, name) => new OtlpExport(key, name), node);
            export._users++;
            return export;
        }
    }

    public static void Check(IConfiguration configuration, OtlpOptions options, ICollection<ConfigurationFault> faults)
    {
        if (options.Endpoint.Length == 0 || (Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")) return;
        faults.Add(ActorPerfSettings.Fault(
            configuration, "tracing.otlp.endpoint", $"'{options.Endpoint}' is no address of a collector: write http://HOST:4318 (http-protobuf) or http://HOST:4317 (grpc)."));
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--_users > 0) return;
            Running.TryRemove(_options, out _);
        }
        _provider.Dispose();
    }

    /// <summary>Over HTTP the path belongs to it; nobody has to know which.</summary>
    private static Uri Address(OtlpOptions options)
    {
        var address = new Uri(options.Endpoint);
        return options.Protocol == OtlpProtocol.HttpProtobuf && address.AbsolutePath == "/" ? new Uri(address, TracesPath) : address;
    }
}
