-- Counts lie packed from now on; four bytes for each are right for whatever is there.
CREATE FUNCTION pg_temp.packed(counts integer[]) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN (SELECT '\x04'::bytea || coalesce(string_agg(int4send(n), ''::bytea ORDER BY place), ''::bytea) FROM unnest(counts) WITH ORDINALITY AS one(n, place));

ALTER TABLE monitoring.window_profile ALTER COLUMN counts TYPE BYTEA USING pg_temp.packed(counts);
COMMENT ON COLUMN monitoring.window_profile.counts IS 'Rows in each bin or category of these bins, in their order: one byte with the bytes of a count, then the counts, high byte first.';

ALTER TABLE monitoring.reference_profile ALTER COLUMN counts TYPE BYTEA USING pg_temp.packed(counts);
COMMENT ON COLUMN monitoring.reference_profile.counts IS 'Rows in each bin or category of these bins, in their order: one byte with the bytes of a count, then the counts, high byte first.';

DROP FUNCTION pg_temp.packed(integer[]);
