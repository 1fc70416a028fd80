namespace ActorPerf.Tests.Storage.Lookups;

/// <inheritdoc cref="SqlServerLookups"/>
public sealed class SqlServerLookupTests : SqlServerLookups;
