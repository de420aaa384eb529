CREATE FUNCTION "monitoring"."unpacked"("counts" BYTEA)
RETURNS BIGINT[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT coalesce(array_agg(CAST(CAST('x' || lpad(encode(SUBSTRING(unpacked.counts FROM anon_1.first FOR get_byte(unpacked.counts, 0)), 'hex'), 16, '0') AS BIT(64)) AS BIGINT) ORDER BY anon_1.first), CAST(ARRAY[] AS BIGINT[])) AS unpacked
FROM generate_series(2, length(unpacked.counts), get_byte(unpacked.counts, 0)) AS anon_1(first);
END;
COMMENT ON FUNCTION "monitoring"."unpacked"("counts" BYTEA) IS 'Counts of window_profile or reference_profile as an array, bin by bin.';

CREATE VIEW grafana.histograms AS SELECT monitoring.window_profile.model_id, monitoring.window_profile.granularity, monitoring.window_profile.window_start, monitoring."window".window_end, monitoring.window_profile.segment, monitoring.window_profile.column_name, monitoring.window_profile.bins_version, monitoring.window_profile.kind, CAST(anon_1.number - 1 AS INTEGER) AS bin, CASE WHEN (monitoring.window_profile.kind = 'categorical') THEN coalesce(CASE WHEN (anon_1.number != FLOOR((length(monitoring.window_profile.counts) - 1) / get_byte(monitoring.window_profile.counts, 0))) THEN monitoring.bins.categories[anon_1.number] END, 'any other') WHEN (monitoring.bins.edges[(anon_1.number - 1)] IS NULL) THEN coalesce('up to ' || CAST(monitoring.bins.edges[anon_1.number] AS TEXT), 'any') WHEN (monitoring.bins.edges[anon_1.number] IS NULL) THEN 'above ' || CAST(monitoring.bins.edges[(anon_1.number - 1)] AS TEXT) WHEN monitoring.bins.is_discrete THEN CAST(monitoring.bins.edges[anon_1.number] AS TEXT) ELSE 'above ' || CAST(monitoring.bins.edges[(anon_1.number - 1)] AS TEXT) || ' up to ' || CAST(monitoring.bins.edges[anon_1.number] AS TEXT) END AS label, CASE WHEN (anon_1.number != FLOOR((length(monitoring.window_profile.counts) - 1) / get_byte(monitoring.window_profile.counts, 0))) THEN monitoring.bins.categories[anon_1.number] END AS category, monitoring.bins.edges[(anon_1.number - 1)] AS lower_edge, monitoring.bins.edges[anon_1.number] AS upper_edge, monitoring.bins.coarse_groups[anon_1.number] AS coarse_group, anon_1.rows
FROM monitoring.window_profile LEFT OUTER JOIN monitoring.bins ON monitoring.window_profile.model_id = monitoring.bins.model_id AND monitoring.window_profile.column_name = monitoring.bins.column_name AND monitoring.window_profile.bins_version = monitoring.bins.bins_version JOIN unnest(monitoring.unpacked(monitoring.window_profile.counts)) WITH ORDINALITY AS anon_1(rows, number) ON true JOIN monitoring."window" ON monitoring.window_profile.model_id = monitoring."window".model_id AND monitoring.window_profile.granularity = monitoring."window".granularity AND monitoring.window_profile.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete';
COMMENT ON VIEW "grafana"."histograms" IS 'Rows of complete windows bin by bin; those without a value: see column_profiles.';
COMMENT ON COLUMN "grafana"."histograms"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."histograms"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."histograms"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."histograms"."window_end" IS 'First moment after the window, UTC.';
COMMENT ON COLUMN "grafana"."histograms"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."histograms"."column_name" IS 'Our name of the column.';
COMMENT ON COLUMN "grafana"."histograms"."bins_version" IS 'Bins it was counted by; two versions are never compared.';
COMMENT ON COLUMN "grafana"."histograms"."kind" IS 'numerical or categorical: the kind of these bins.';
COMMENT ON COLUMN "grafana"."histograms"."bin" IS 'Number of the bin or category, from 0.';
COMMENT ON COLUMN "grafana"."histograms"."label" IS 'What it holds, in words.';
COMMENT ON COLUMN "grafana"."histograms"."category" IS 'The category; null for numbers, and for all that the dictionary does not hold.';
COMMENT ON COLUMN "grafana"."histograms"."lower_edge" IS 'Values are above it; null for categories and for the first bin.';
COMMENT ON COLUMN "grafana"."histograms"."upper_edge" IS 'Values are at most this; null for categories and for the last bin.';
COMMENT ON COLUMN "grafana"."histograms"."coarse_group" IS 'Group of bins that divergences are taken over; null for categories.';
COMMENT ON COLUMN "grafana"."histograms"."rows" IS 'Rows in this bin.';

CREATE VIEW grafana.reference_histograms AS SELECT monitoring.reference_profile.model_id, monitoring.reference_profile.reference_version, monitoring.reference_profile.segment, monitoring.reference_profile.column_name, monitoring.reference_profile.bins_version, monitoring.reference_profile.kind, CAST(anon_1.number - 1 AS INTEGER) AS bin, CASE WHEN (monitoring.reference_profile.kind = 'categorical') THEN coalesce(CASE WHEN (anon_1.number != FLOOR((length(monitoring.reference_profile.counts) - 1) / get_byte(monitoring.reference_profile.counts, 0))) THEN monitoring.bins.categories[anon_1.number] END, 'any other') WHEN (monitoring.bins.edges[(anon_1.number - 1)] IS NULL) THEN coalesce('up to ' || CAST(monitoring.bins.edges[anon_1.number] AS TEXT), 'any') WHEN (monitoring.bins.edges[anon_1.number] IS NULL) THEN 'above ' || CAST(monitoring.bins.edges[(anon_1.number - 1)] AS TEXT) WHEN monitoring.bins.is_discrete THEN CAST(monitoring.bins.edges[anon_1.number] AS TEXT) ELSE 'above ' || CAST(monitoring.bins.edges[(anon_1.number - 1)] AS TEXT) || ' up to ' || CAST(monitoring.bins.edges[anon_1.number] AS TEXT) END AS label, CASE WHEN (anon_1.number != FLOOR((length(monitoring.reference_profile.counts) - 1) / get_byte(monitoring.reference_profile.counts, 0))) THEN monitoring.bins.categories[anon_1.number] END AS category, monitoring.bins.edges[(anon_1.number - 1)] AS lower_edge, monitoring.bins.edges[anon_1.number] AS upper_edge, monitoring.bins.coarse_groups[anon_1.number] AS coarse_group, anon_1.rows
FROM monitoring.reference_profile LEFT OUTER JOIN monitoring.bins ON monitoring.reference_profile.model_id = monitoring.bins.model_id AND monitoring.reference_profile.column_name = monitoring.bins.column_name AND monitoring.reference_profile.bins_version = monitoring.bins.bins_version JOIN unnest(monitoring.unpacked(monitoring.reference_profile.counts)) WITH ORDINALITY AS anon_1(rows, number) ON true;
COMMENT ON VIEW "grafana"."reference_histograms" IS 'Rows of references bin by bin.';
COMMENT ON COLUMN "grafana"."reference_histograms"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."reference_histograms"."reference_version" IS 'Version of the reference.';
COMMENT ON COLUMN "grafana"."reference_histograms"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."reference_histograms"."column_name" IS 'Our name of the column.';
COMMENT ON COLUMN "grafana"."reference_histograms"."bins_version" IS 'Bins it was counted by; two versions are never compared.';
COMMENT ON COLUMN "grafana"."reference_histograms"."kind" IS 'numerical or categorical: the kind of these bins.';
COMMENT ON COLUMN "grafana"."reference_histograms"."bin" IS 'Number of the bin or category, from 0.';
COMMENT ON COLUMN "grafana"."reference_histograms"."label" IS 'What it holds, in words.';
COMMENT ON COLUMN "grafana"."reference_histograms"."category" IS 'The category; null for numbers, and for all that the dictionary does not hold.';
COMMENT ON COLUMN "grafana"."reference_histograms"."lower_edge" IS 'Values are above it; null for categories and for the first bin.';
COMMENT ON COLUMN "grafana"."reference_histograms"."upper_edge" IS 'Values are at most this; null for categories and for the last bin.';
COMMENT ON COLUMN "grafana"."reference_histograms"."coarse_group" IS 'Group of bins that divergences are taken over; null for categories.';
COMMENT ON COLUMN "grafana"."reference_histograms"."rows" IS 'Rows in this bin.';
