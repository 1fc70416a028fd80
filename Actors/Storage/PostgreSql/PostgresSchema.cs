using ActorPerf.Storage.Sql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The tables, as numbered steps that only ever add. docs/formats/entity.md and docs/formats/database.md explain each.</summary>
internal static class PostgresSchema
{
    /// <summary>What this program writes; a newer schema is refused.</summary>
    public static int Version => Steps.Count;

    public static IReadOnlyList<string> Steps { get; } =
    [
        // 1. The data is text, which keeps the very bytes; jsonb would not (members sorted, spaces and spellings of numbers gone), and json in a column of its own
        // would hold everything twice for the sake of queries that no index serves. entity_key writes what SortValue.ToBytes writes.
        $$"""
        CREATE TABLE {{PostgresDialect.Schema}}.entity (
          namespace text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id bytea NOT NULL, version bigint NOT NULL CHECK (version > 0),
          updated_at bigint NOT NULL, data text NOT NULL, PRIMARY KEY (namespace, kind, id));
        CREATE TABLE {{PostgresDialect.Schema}}.entity_kind (
          namespace text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, floor bigint NOT NULL, next_id bigint NOT NULL, PRIMARY KEY (namespace, kind));
        CREATE TABLE {{PostgresDialect.Schema}}.entity_counter (
          namespace text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, slot integer NOT NULL, entities bigint NOT NULL, bytes bigint NOT NULL,
          PRIMARY KEY (namespace, kind, slot));
        CREATE TABLE {{PostgresDialect.Schema}}.entity_commit (
          namespace text COLLATE "C" NOT NULL, marker uuid NOT NULL, at bigint NOT NULL, PRIMARY KEY (namespace, marker));
        CREATE INDEX entity_commit_age ON {{PostgresDialect.Schema}}.entity_commit (at);

        CREATE FUNCTION {{PostgresDialect.Schema}}.entity_key(data text, path text[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
        DECLARE
          found json := data::json;
          part text;
          spelled text;
          nearest double precision;
          whole numeric;
          rest integer := 0;
          bits bigint;
        BEGIN
          FOREACH part IN ARRAY path LOOP
            IF part ~ '^[0-9]+$' THEN
              found := CASE WHEN json_typeof(found) = 'array' THEN found -> part::integer END;
            ELSE
              found := CASE WHEN json_typeof(found) = 'object' THEN found -> part END;
            END IF;
            IF found IS NULL THEN RETURN '\x00'::bytea; END IF;
          END LOOP;
          CASE json_typeof(found)
            WHEN 'null' THEN RETURN '\x01'::bytea;
            WHEN 'string' THEN RETURN '\x05'::bytea || convert_to(found #>> '{}', 'UTF8');
            WHEN 'boolean' THEN RETURN CASE found::text WHEN 'true' THEN '\x03'::bytea ELSE '\x02'::bytea END;
            WHEN 'number' THEN
              spelled := found #>> '{}';
              nearest := spelled::double precision;
              IF nearest = 0 THEN nearest := 0; END IF;
              IF abs(nearest) >= 9007199254740992 AND spelled ~ '^-?[0-9]+$' THEN
                whole := spelled::numeric;
                IF whole BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
                  rest := whole - CASE WHEN nearest >= 9223372036854775808 THEN 9223372036854775808 ELSE nearest::bigint::numeric END;
                END IF;
              END IF;
              bits := ('x' || encode(float8send(nearest), 'hex'))::bit(64)::bigint;
              bits := CASE WHEN bits < 0 THEN ~bits ELSE bits | '-9223372036854775808'::bigint END;
              RETURN '\x04'::bytea || int8send(bits) || int4send(32768 + rest);
            ELSE RETURN '\x06'::bytea;
          END CASE;
        END $body$;
        """,

        // 2.
        PostgresJobSchema.Tables + PostgresCacheRows.Tables,
    ];
}
