using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Configuration;

/// <summary>Looks settings up in the layers of a configuration.</summary>
/// <param name="layers">The highest precedence first.</param>
internal sealed class SettingReader(ImmutableArray<IConfigurationProvider> layers)
{
    /// <summary>What the highest layer that knows a key says about it.</summary>
    /// <param name="Text"><c>null</c> where the key is there without a value of its own.</param>
    public readonly record struct Found(string? Text, SettingOrigin? Origin);

    public static SettingReader Of(IConfiguration configuration)
    {
        ImmutableArray<IConfigurationProvider> layers = [.. configuration.Layers()];
        return new SettingReader(layers.IsEmpty && configuration is not IConfigurationRoot
            ? [new ChainedConfigurationProvider(new ChainedConfigurationSource { Configuration = configuration })]
            : layers);
    }

    /// <summary>Whether any layer holds the key, other than as null, or something below it.</summary>
    public bool IsSet(string key) => (Find(key) is { } found && found.Origin?.Kind != SettingKind.Null) || Names(key).Length > 0;

    public Found? Find(string key)
    {
        foreach (var layer in layers)
            if (layer.TryGet(key, out var text))
                return new Found(text, OriginIn(layer, key));
        return null;
    }

    public SettingOrigin? OriginOf(string key)
    {
        foreach (var layer in layers)
            if (OriginIn(layer, key) is { } origin)
                return origin;
        return null;
    }

    /// <summary>The names directly below a key, in all layers.</summary>
    public ImmutableArray<string> Names(string key)
    {
        IEnumerable<string> names = [];
        foreach (var layer in layers) names = layer.GetChildKeys(names, key);
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The highest layer that gives a list alone: a later list replaces an earlier one, element by element would mix them.</summary>
    /// <returns><c>null</c> where no layer gives the list.</returns>
    public SettingReader? OnlyLayerOf(string key)
    {
        foreach (var layer in layers)
        {
            var alone = new SettingReader([layer]);
            if (alone.IsSet(key)) return alone;
        }
        return null;
    }

    private static SettingOrigin? OriginIn(IConfigurationProvider layer, string key) =>
        layer is ISettingOrigins origins && origins.TryGetOrigin(key, out var origin) ? origin : null;
}
