namespace ActorPerf.Data;

/// <summary>What a transaction knows of an entity, for the scope around it.</summary>
/// <param name="Entity">Null: there is none.</param>
/// <param name="Epoch">Of the key (<see cref="Fence"/>) when that was so; under another one somebody may have written it since.</param>
internal readonly record struct LearnedEntity(Key Key, Entity? Entity, long Epoch);
