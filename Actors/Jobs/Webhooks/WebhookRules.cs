using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>What changes make of a webhook's row. Pure.</summary>
internal static class WebhookRules
{
    /// <summary>Secrets kept behind the one in force: so many rotations in a day leave all of them good.</summary>
    private const int MaxOld = 3;

    /// <summary>Null when it can be put; else why not, with every faulty member.</summary>
    public static Refusal? Fault(string name, WebhookDefinition definition, ITaskCatalog tasks, WebhookAddresses addresses)
    {
        if (!TaskNames.IsValid(name)) return new Refusal("invalid-request", $"'{(name.Length > 64 ? name[..64] + "…" : name)}' is no name of a webhook: use {TaskNames.Rule}.");
        var faults = new List<FieldFault>();
        if (name == WebhookRow.Callback)
        {
            if (definition.Url is not null) faults.Add(new("/url", "'callback' stands for what jobs name themselves, and has no address of its own. Choose another name, or leave this out."));
            if (definition.Query.Length > 0) faults.Add(new("/q", "'callback' tells every job that names an address. Choose another name, or leave this out."));
        }
        else if (definition.Url is null) faults.Add(new("/url", "It is needed."));
        else if (CallbackRule.Fault(definition.Url) is { } bad) faults.Add(new("/url", bad));
        // Settings may change, so each delivery asks again; who sets a webhook up hears of it now.
        else if (addresses.Fault(definition.Url, out _) is { } closed) faults.Add(new("/url", closed));
        if (!FilterText.TryParse(definition.Query, out var filter, out var notRead)) faults.Add(new("/q", notRead?.ToString() ?? "It cannot be read."));
        else if (SearchScope.Of(new JobQuery { Namespace = Namespace.Default, Filter = filter }, tasks).Hidden is { Count: > 0 } hidden)
            faults.Add(new("/q", $"'args.{hidden.First().Path}' is a secret of task '{hidden.First().Task}', so no webhook may ask for it. Leave it out."));
        if (definition.Events.Count == 0 || definition.Events.Any(state => !WebhookEvents.All.Contains(state)))
            faults.Add(new("/events", $"Name one or more of {string.Join(", ", WebhookEvents.Words)}."));
        if (definition.Secret is { } secret && !WebhookSecret.IsValid(secret)) faults.Add(new("/secret", $"Write {WebhookSecret.Rule}, or leave it out."));
        if (faults.Count == 0) return null;
        return Refusal.Invalid("invalid-request", faults.Count == 1 ? $"{faults[0].Pointer}: {faults[0].Message}" : "The webhook has members that cannot be used; see errors.", faults);
    }

    public static WebhookRow Put(WebhookRow? before, Namespace ns, string name, WebhookDefinition definition, WebhookSecret generated, DateTimeOffset now) => new()
    {
        Namespace = ns,
        Name = name,
        Url = definition.Url ?? "",
        Query = definition.Query,
        Events = [.. WebhookEvents.All.Where(definition.Events.Contains)],
        Paused = definition.Paused,
        Secrets = definition.Secret is { } own ? [new WebhookSecret(own, null)] : before?.Secrets ?? [generated],
        CreatedAt = before?.CreatedAt ?? now,
        UpdatedAt = now,
        Version = (before?.Version ?? 0) + 1,
    };

    /// <summary>The webhook that every namespace has by itself.</summary>
    public static WebhookRow Callbacks(Namespace ns, WebhookSecret generated, DateTimeOffset now) =>
        new() { Namespace = ns, Name = WebhookRow.Callback, Secrets = [generated], CreatedAt = now, UpdatedAt = now, Version = 1 };

    public static WebhookRow Rotate(WebhookRow row, WebhookSecret generated, DateTimeOffset now) => row with
    {
        Secrets = [generated, .. row.Secrets.Where(secret => secret.Until is null || secret.Until > now).Take(MaxOld).Select(secret => secret with { Until = secret.Until ?? now + WebhookSecret.Overlap })],
        UpdatedAt = now,
        Version = row.Version + 1,
    };

    public static WebhookRow Gone(WebhookRow row, DateTimeOffset now) => row with { Gone = true, UpdatedAt = now, Version = row.Version + 1 };

    public static Webhook View(WebhookRow row, DateTimeOffset now) => new(
        row.Namespace, row.Name, row.Url.Length == 0 ? null : row.Url, row.Query, row.Events, row.Paused, row.Gone,
        row.Secrets.Max(secret => secret.Until) is { } until && until > now ? until : null, row.CreatedAt, row.UpdatedAt, row.Version);
}
