using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Tasks;

public sealed class TaskRunnerTests
{
    public enum Size
    {
        Small,
        VeryLarge,
    }

    public sealed record Part(int Count, string Label);

    public sealed record OrderArgs(
        long N, TimeSpan Delay = default, Size Size = Size.Small, string? Note = null, IReadOnlyList<Part>? Parts = null,
        [property: CacheIgnore] string? RequestedBy = null, double Factor = 1, JsonElement? Extra = null)
    {
        public long Twice => 2 * N;
    }

    [ComputeTask("order")]
    public sealed class OrderTask : IComputeTask<OrderArgs, string>
    {
        public ValueTask<string> RunAsync(OrderArgs args, TaskContext context, CancellationToken ct) => new($"{args.N}é<{args.Size}>");
    }

    public sealed record LimitedArgs([property: Range(1, 5)] int N, [property: StringLength(3)] string S = "") : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (N == 4) yield return new ValidationResult("must not be four", [nameof(N)]);
        }
    }

    [ComputeTask("limited")]
    public sealed class LimitedTask : IComputeTask<LimitedArgs, double>
    {
        public ValueTask<double> RunAsync(LimitedArgs args, TaskContext context, CancellationToken ct) => new(double.NaN);
    }

    public sealed record GuardedArgs
    {
        public GuardedArgs(int n)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(n);
            N = n;
        }

        public int N { get; }
    }

    [ComputeTask("guarded")]
    public sealed class GuardedTask : IComputeTask<GuardedArgs, int>
    {
        public ValueTask<int> RunAsync(GuardedArgs args, TaskContext context, CancellationToken ct) => new(args.N);
    }

    private static readonly TaskDescriptor Order = A.Task<OrderTask>();
    private static readonly TaskDescriptor Limited = A.Task<LimitedTask>();

    [Theory]
    [InlineData("""{"n":12}""", """{"n":12,"delay":"0s"}""")]
    [InlineData("""{"n":12,"delay":"5s"}""", """{"delay":"5000ms","n":12}""")]
    [InlineData("""{"n":12,"delay":"90m"}""", """{"n":12,"delay":"1h30m"}""")]
    [InlineData("""{"n":1,"factor":1}""", """{"n":1,"factor":1.0}""")]
    [InlineData("""{"n":1,"requestedBy":"a"}""", """{"n":1,"requestedBy":"b"}""")]
    [InlineData("""{"n":1,"note":"A"}""", """{"n":1,"note":"\u0041"}""")]
    [InlineData("""{"n":1,"extra":{"b":1,"a":1.0}}""", """{"n":1,"extra":{"a":1,"b":1}}""")]
    [InlineData("""{"n":1,"parts":[{"count":1,"label":"x"}]}""", """{"n":1,"parts":[{"label":"x","count":1}]}""")]
    public void Spellings_of_one_call_have_one_key(string one, string other) => Assert.Equal(Key(one), Key(other));

    [Theory]
    [InlineData("""{"n":9007199254740992}""", """{"n":9007199254740993}""")]
    [InlineData("""{"n":1,"note":null}""", """{"n":1,"note":""}""")]
    [InlineData("""{"n":1,"extra":9007199254740992}""", """{"n":1,"extra":9007199254740993}""")]
    [InlineData("""{"n":1,"extra":{"a":1}}""", """{"n":1,"extra":{"a":"1"}}""")]
    [InlineData("""{"n":1,"size":"small"}""", """{"n":1,"size":"veryLarge"}""")]
    public void Different_calls_have_different_keys(string one, string other) => Assert.NotEqual(Key(one), Key(other));

    [Fact]
    public void The_key_holds_sorted_members_without_computed_and_ignored_ones() =>
        Assert.Equal("""{"delay":"5s","extra":null,"factor":1,"n":12,"note":null,"parts":null,"size":"small"}""", Key("""{"n":12,"delay":"5s","requestedBy":"x"}"""));

    [Theory]
    [InlineData("""{}""", "/args/n", "is required")]
    [InlineData("""{"n":1,"m":2}""", "/args/m", "is unknown; known: n, delay, size, note, parts, requestedBy, factor, extra")]
    [InlineData("""{"n":"1"}""", "/args/n", "must be a whole number of at most 64 bits")]
    [InlineData("""{"n":1.5}""", "/args/n", "must be a whole number of at most 64 bits")]
    [InlineData("""{"n":9223372036854775808}""", "/args/n", "must be a whole number of at most 64 bits")]
    [InlineData("""{"n":null}""", "/args/n", "must not be null")]
    [InlineData("""{"n":1,"n":2}""", "/args/n", "appears twice")]
    [InlineData("""{"n":1,"delay":"-5s"}""", "/args/delay", "must be a duration such as \"5s\", \"1500ms\", \"1h30m\" or \"7d\"; never negative")]
    [InlineData("""{"n":1,"delay":5}""", "/args/delay", "must be a duration such as \"5s\", \"1500ms\", \"1h30m\" or \"7d\"; never negative")]
    [InlineData("""{"n":1,"size":"huge"}""", "/args/size", "must be one of: small, veryLarge")]
    [InlineData("""{"n":1,"size":1}""", "/args/size", "must be one of: small, veryLarge")]
    [InlineData("""{"n":1,"parts":[{"count":1,"label":"x"},{"count":"1","label":"x"}]}""", "/args/parts/1/count", "must be a whole number of at most 32 bits")]
    [InlineData("""{"n":1,"parts":[{"count":1,"label":null}]}""", "/args/parts/0/label", "must not be null")]
    [InlineData("""{"n":1,"a/b~c":1}""", "/args/a~1b~0c", "is unknown; known: n, delay, size, note, parts, requestedBy, factor, extra")]
    [InlineData("""[1]""", "/args", "must be an object")]
    [InlineData("""null""", "/args", "must not be null")]
    public void A_fault_names_its_place(string args, string pointer, string message)
    {
        var refusal = Order.Runner.Check(Utf8(args));
        Assert.Equal("invalid-args", refusal?.Code);
        Assert.Contains(new FieldFault(pointer, message), refusal!.Faults);
        Assert.False(Order.Runner.TryCanonicalize(Utf8(args), out _, out var again));
        Assert.Equal("invalid-args", again?.Code);
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var refusal = Order.Runner.Check(Utf8("""{"m":1,"delay":"x"}"""));
        Assert.Equal(["/args/m", "/args/delay", "/args/n"], refusal!.Faults.Select(fault => fault.Pointer));
    }

    [Theory]
    [InlineData("""{"n":0}""", "/args/n", "must be from 1 to 5")]
    [InlineData("""{"n":1,"s":"abcd"}""", "/args/s", "must have 0 to 3 characters")]
    [InlineData("""{"n":4}""", "/args/n", "must not be four")]
    public void Declared_limits_are_checked(string args, string pointer, string message) =>
        Assert.Equal([new FieldFault(pointer, message)], Limited.Runner.Check(Utf8(args))!.Faults);

    [Fact]
    public void Arguments_nested_too_deeply_are_refused()
    {
        var deep = new string('[', 40) + new string(']', 40);
        Assert.Equal("invalid-args", Order.Runner.Check(Utf8($$"""{"n":1,"extra":{{deep}}}"""))?.Code);
    }

    [Fact]
    public void An_infinite_number_has_no_key() => Assert.False(Order.Runner.TryCanonicalize(Utf8("""{"n":1,"factor":1e999}"""), out _, out _));

    [Fact]
    public async Task A_result_is_utf8_json()
    {
        var result = await Order.Runner.RunAsync(Utf8("""{"n":3,"size":"veryLarge"}"""), A.Context("order"), TestContext.Current.CancellationToken);
        Assert.Equal("\"3é<VeryLarge>\"", Encoding.UTF8.GetString(result.Span));
    }

    [Fact]
    public async Task A_result_without_json_form_is_a_bad_result()
    {
        var fault = await Assert.ThrowsAsync<TaskFaultException>(async () => await Limited.Runner.RunAsync(Utf8("""{"n":1}"""), A.Context("limited"), default));
        Assert.Equal("bad-result", fault.Type);
    }

    [Fact]
    public void The_schema_says_what_a_form_needs()
    {
        var schema = Order.ArgsSchema.AsObject();
        Assert.Equal("n", schema["required"]!.AsArray().Single()!.GetValue<string>());
        Assert.False(schema["additionalProperties"]!.GetValue<bool>());
        var delay = schema["properties"]!["delay"]!;
        Assert.Equal("string", delay["type"]!.GetValue<string>());
        Assert.Equal("0s", delay["default"]!.GetValue<string>());
        Assert.Matches(delay["pattern"]!.GetValue<string>(), "1h30m");
        Assert.Equal("int64", schema["properties"]!["n"]!["format"]!.GetValue<string>());
        Assert.Equal(1, Limited.ArgsSchema["properties"]!["n"]!["minimum"]!.GetValue<decimal>());
    }

    private static string Key(string args)
    {
        Assert.True(Order.Runner.TryCanonicalize(Utf8(args), out var canonical, out var refusal), refusal?.Detail);
        return Encoding.UTF8.GetString(canonical.Span);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void What_a_guard_of_the_arguments_throws_refuses_them()
    {
        var guarded = A.Task<GuardedTask>() with { MemoizeCall = args => args.Span.IndexOf("-1"u8) < 0 ? null : throw new InvalidOperationException("no decision") };
        Assert.Null(guarded.Check("{\"n\":1}"u8.ToArray()));
        var refusal = guarded.Check("{\"n\":-1}"u8.ToArray());
        Assert.Equal(("invalid-args", "/args"), (refusal!.Code, refusal.Faults.Single().Pointer));
        Assert.StartsWith("cannot be read: n ('-1') must be a non-negative value.", refusal.Faults.Single().Message, StringComparison.Ordinal);
        Assert.False(guarded.TryCanonicalize("{\"n\":-1}"u8.ToArray(), out _, out var same));
        Assert.Equal(refusal.Detail, same.Detail);
        Assert.Same(guarded, guarded.For("{\"n\":-1}"u8.ToArray()));
    }
}
