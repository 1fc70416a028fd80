using System.Globalization;

namespace ActorPerf.Configuration;

/// <summary>Spreads a value tree over flat configuration keys.</summary>
public static class HoconFlattener
{
    private const char Separator = ':';

    /// <summary>Flattens a tree: names stay as written, levels are joined with colons, list elements are numbered from 0.</summary>
    /// <exception cref="HoconException">
    /// A name is empty, holds a colon, or differs from its neighbour only in case; or the keys together are too long.
    /// </exception>
    public static SettingTable Flatten(HoconValue.Object root)
    {
        var walk = new Walk();
        walk.Fields(root, "");
        return walk.Table;
    }

    private sealed class Walk
    {
        private long _characters;

        public SettingTable Table { get; } = new();

        public void Fields(HoconValue.Object level, string path)
        {
            var names = new Dictionary<string, HoconField>(level.Fields.Length, StringComparer.OrdinalIgnoreCase);
            foreach (var field in level.Fields)
            {
                CheckName(field);
                if (!names.TryAdd(field.Name, field))
                    throw new HoconException(field.KeyOrigin, $"'{field.Name}' and '{names[field.Name].Name}' ({names[field.Name].KeyOrigin}) differ only in case; keep one of them.");
                Value(field.Value, field.KeyOrigin, path.Length == 0 ? field.Name : $"{path}{Separator}{field.Name}");
            }
        }

        private void Value(HoconValue value, Origin key, string path)
        {
            // A long name above a long list would multiply; the bound is on the product.
            _characters += path.Length;
            if (2 * _characters > HoconLimits.MaxExpansion)
                throw new HoconException(key, $"the settings' full names take more than {HoconLimits.MaxExpansion / 1024 / 1024} MiB; use shorter names or fewer settings.");
            switch (value)
            {
                case HoconValue.Object { Fields.IsEmpty: false } level:
                    Table.Note(path, new SettingOrigin(key, value.Origin, SettingKind.Object));
                    Fields(level, path);
                    break;
                case HoconValue.List { Items.IsEmpty: false } list:
                    Table.Note(path, new SettingOrigin(key, value.Origin, SettingKind.List));
                    for (var i = 0; i < list.Items.Length; i++)
                        Value(list.Items[i], list.Items[i].Origin, string.Create(CultureInfo.InvariantCulture, $"{path}{Separator}{i}"));
                    break;
                case HoconValue.Object:
                    Table.Set(path, null, new SettingOrigin(key, value.Origin, SettingKind.Object));
                    break;
                case HoconValue.List:
                    Table.Set(path, "", new SettingOrigin(key, value.Origin, SettingKind.List));
                    break;
                case HoconValue.Null:
                    Table.Set(path, null, new SettingOrigin(key, value.Origin, SettingKind.Null));
                    break;
                case HoconValue.Text text:
                    Table.Set(path, text.Value, new SettingOrigin(key, value.Origin, SettingKind.Text));
                    break;
            }
        }

        private static void CheckName(HoconField field)
        {
            if (field.Name.Length == 0)
                throw new HoconException(field.KeyOrigin, "a key is empty; give it a name.");
            if (field.Name.Contains(Separator, StringComparison.Ordinal))
                throw new HoconException(field.KeyOrigin, $"the key '{field.Name}' holds a colon, which separates levels here; use another name, or a list of objects that hold the text as a value.");
        }
    }
}
