using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Web;

/// <summary>Where in its host the API and console are mounted.</summary>
internal sealed class WebMount
{
    /// <summary>Empty, or begins with a slash and does not end with one.</summary>
    public string Prefix { get; set; } = "";
}

internal static class WebMounts
{
    public static WebMount Mount(this IServiceProvider services) => services.GetRequiredService<WebMount>();
}
