CREATE VIEW grafana.model_quality_recorded AS SELECT monitoring.model_quality.model_id, monitoring.model_quality.granularity, monitoring.model_quality.window_start, monitoring.model_quality.segment, monitoring.model_quality.metric, monitoring.model_quality.class_name, monitoring.model_quality.kind, monitoring.model_quality.model_version, monitoring.model_quality.value, monitoring.model_quality.interval_low, monitoring.model_quality.interval_high, monitoring.model_quality.reference_value, monitoring.model_quality.threshold, monitoring.model_quality.labels, monitoring.model_quality.coverage, monitoring.model_quality.verdict, monitoring.model_quality.reason, monitoring.model_quality.computation_id, monitoring.model_quality.recorded_at, CAST(NULL AS TIMESTAMP WITH TIME ZONE) AS superseded_at
FROM monitoring.model_quality UNION ALL SELECT monitoring.model_quality_history.model_id, monitoring.model_quality_history.granularity, monitoring.model_quality_history.window_start, monitoring.model_quality_history.segment, monitoring.model_quality_history.metric, monitoring.model_quality_history.class_name, monitoring.model_quality_history.kind, monitoring.model_quality_history.model_version, monitoring.model_quality_history.value, monitoring.model_quality_history.interval_low, monitoring.model_quality_history.interval_high, monitoring.model_quality_history.reference_value, monitoring.model_quality_history.threshold, monitoring.model_quality_history.labels, monitoring.model_quality_history.coverage, monitoring.model_quality_history.verdict, monitoring.model_quality_history.reason, monitoring.model_quality_history.computation_id, monitoring.model_quality_history.recorded_at, monitoring.model_quality_history.superseded_at
FROM monitoring.model_quality_history;
COMMENT ON VIEW "grafana"."model_quality_recorded" IS 'All that model_quality says or has ever said, with since when and until when; also of windows that are being computed again.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."metric" IS 'Name of the number, such as mae.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."class_name" IS 'The class a number is about; '''' for all classes.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."kind" IS 'realised: measured against labels; estimated: without them.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."model_version" IS 'Version that made the predictions; '''' if none did.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."value" IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."interval_low" IS 'Lower end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."interval_high" IS 'Upper end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."reference_value" IS 'The same number on the reference.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."threshold" IS 'Bound beyond which it is bad, in the metric''s own unit.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."labels" IS 'Rows it was measured on.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."coverage" IS 'Share of scored rows with a label, 0 to 1.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."recorded_at" IS 'Since when the table has said so, UTC.';
COMMENT ON COLUMN "grafana"."model_quality_recorded"."superseded_at" IS 'Until when the table has said so, UTC; null while it says so.';

CREATE FUNCTION "monitoring"."model_quality_as_of"("moment" TIMESTAMP WITH TIME ZONE)
RETURNS TABLE ("model_id" TEXT, "granularity" TEXT, "window_start" TIMESTAMP WITH TIME ZONE, "segment" TEXT, "metric" TEXT, "class_name" TEXT, "kind" TEXT, "model_version" TEXT, "value" DOUBLE PRECISION, "interval_low" DOUBLE PRECISION, "interval_high" DOUBLE PRECISION, "reference_value" DOUBLE PRECISION, "threshold" DOUBLE PRECISION, "labels" BIGINT, "coverage" DOUBLE PRECISION, "verdict" TEXT, "reason" TEXT, "computation_id" BIGINT, "recorded_at" TIMESTAMP WITH TIME ZONE)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT monitoring.model_quality.model_id, monitoring.model_quality.granularity, monitoring.model_quality.window_start, monitoring.model_quality.segment, monitoring.model_quality.metric, monitoring.model_quality.class_name, monitoring.model_quality.kind, monitoring.model_quality.model_version, monitoring.model_quality.value, monitoring.model_quality.interval_low, monitoring.model_quality.interval_high, monitoring.model_quality.reference_value, monitoring.model_quality.threshold, monitoring.model_quality.labels, monitoring.model_quality.coverage, monitoring.model_quality.verdict, monitoring.model_quality.reason, monitoring.model_quality.computation_id, monitoring.model_quality.recorded_at
FROM monitoring.model_quality
WHERE monitoring.model_quality.recorded_at <= model_quality_as_of.moment UNION ALL SELECT monitoring.model_quality_history.model_id, monitoring.model_quality_history.granularity, monitoring.model_quality_history.window_start, monitoring.model_quality_history.segment, monitoring.model_quality_history.metric, monitoring.model_quality_history.class_name, monitoring.model_quality_history.kind, monitoring.model_quality_history.model_version, monitoring.model_quality_history.value, monitoring.model_quality_history.interval_low, monitoring.model_quality_history.interval_high, monitoring.model_quality_history.reference_value, monitoring.model_quality_history.threshold, monitoring.model_quality_history.labels, monitoring.model_quality_history.coverage, monitoring.model_quality_history.verdict, monitoring.model_quality_history.reason, monitoring.model_quality_history.computation_id, monitoring.model_quality_history.recorded_at
FROM monitoring.model_quality_history
WHERE monitoring.model_quality_history.recorded_at <= model_quality_as_of.moment AND monitoring.model_quality_history.superseded_at > model_quality_as_of.moment;
END;
COMMENT ON FUNCTION "monitoring"."model_quality_as_of"("moment" TIMESTAMP WITH TIME ZONE) IS 'The rows of model_quality as the table stood at that moment.';

CREATE FUNCTION "grafana"."model_quality_as_of"("moment" TIMESTAMP WITH TIME ZONE)
RETURNS TABLE ("model_id" TEXT, "granularity" TEXT, "window_start" TIMESTAMP WITH TIME ZONE, "segment" TEXT, "metric" TEXT, "class_name" TEXT, "kind" TEXT, "model_version" TEXT, "value" DOUBLE PRECISION, "interval_low" DOUBLE PRECISION, "interval_high" DOUBLE PRECISION, "reference_value" DOUBLE PRECISION, "threshold" DOUBLE PRECISION, "labels" BIGINT, "coverage" DOUBLE PRECISION, "verdict" TEXT, "reason" TEXT, "computation_id" BIGINT, "recorded_at" TIMESTAMP WITH TIME ZONE)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT grafana.model_quality_recorded.model_id, grafana.model_quality_recorded.granularity, grafana.model_quality_recorded.window_start, grafana.model_quality_recorded.segment, grafana.model_quality_recorded.metric, grafana.model_quality_recorded.class_name, grafana.model_quality_recorded.kind, grafana.model_quality_recorded.model_version, grafana.model_quality_recorded.value, grafana.model_quality_recorded.interval_low, grafana.model_quality_recorded.interval_high, grafana.model_quality_recorded.reference_value, grafana.model_quality_recorded.threshold, grafana.model_quality_recorded.labels, grafana.model_quality_recorded.coverage, grafana.model_quality_recorded.verdict, grafana.model_quality_recorded.reason, grafana.model_quality_recorded.computation_id, grafana.model_quality_recorded.recorded_at
FROM grafana.model_quality_recorded
WHERE grafana.model_quality_recorded.recorded_at <= model_quality_as_of.moment AND (grafana.model_quality_recorded.superseded_at IS NULL OR grafana.model_quality_recorded.superseded_at > model_quality_as_of.moment);
END;
COMMENT ON FUNCTION "grafana"."model_quality_as_of"("moment" TIMESTAMP WITH TIME ZONE) IS 'The rows of monitoring.model_quality as the table stood at that moment.';
