using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Pauses a schedule, or resumes it: puts it as it is, but for that.</summary>
internal static class SchedulePause
{
    private static readonly string[] Durations = ["expiresIn", "timeout", "jitter"];

    private static readonly string[] Same = ["cron", "timeZone", "task", "args", "queue", "priority", "maxAttempts", "tags", "meta", "overlap", "misfire", "misfireLimit"];

    public static Command CreatePause(GlobalOptions globals) => Create(globals, "pause", "Lets the ticks of a schedule pass without a job, until it is resumed.", paused: true);

    public static Command CreateResume(GlobalOptions globals) => Create(globals, "resume", "Lets a paused schedule fire again, from its next tick on.", paused: false);

    private static Command Create(GlobalOptions globals, string verb, string description, bool paused)
    {
        var name = SchedulePaths.Name();
        var command = globals.Command(verb, description, $"schedule {verb} nightly");
        command.Arguments.Add(name);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var path = SchedulePaths.Path(parsed.GetRequiredValue(name));
            var answer = await invocation.Client.GetAsync(path, ct);
            if (answer is Answer.Ok ok && ok.Body.Flag("paused") != paused)
                answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Put, path) { Body = Body(ok.Body, paused) }, ct);
            return invocation.Show(answer, schedule => SchedulePaths.Print(schedule, invocation.Printer));
        });
    }

    private static ReadOnlyMemory<byte> Body(JsonElement schedule, bool paused) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        foreach (var member in Same)
        {
            if (schedule.Member(member) is not { } value) continue;
            json.WritePropertyName(member);
            json.WriteRawValue(value.GetRawText());        // arguments go back digit for digit
        }
        // Answers tell durations in seconds, requests as texts with units.
        foreach (var member in Durations)
            if (schedule.Number(member) is { } seconds) json.WriteString(member, string.Create(CultureInfo.InvariantCulture, $"{seconds:0.######}s"));
        json.WriteBoolean("paused", paused);
        json.WriteEndObject();
    });
}
