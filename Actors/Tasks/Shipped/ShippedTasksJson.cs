using System.Text.Json.Serialization;

namespace ActorPerf.Tasks.Shipped;

/// <summary>Arguments and results of the tasks that ship, read and written without reflection.</summary>
[JsonSerializable(typeof(SquareArgs))]
[JsonSerializable(typeof(SleepArgs))]
[JsonSerializable(typeof(PrimesArgs))]
[JsonSerializable(typeof(FailArgs))]
[JsonSerializable(typeof(ProgressArgs))]
[JsonSerializable(typeof(FetchRequest))]
[JsonSerializable(typeof(Fetched))]
[JsonSerializable(typeof(Int128))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class ShippedTasksJson : JsonSerializerContext;
