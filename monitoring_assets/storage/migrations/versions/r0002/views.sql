-- Replaced, not made anew: who may read a view goes on reading it.
CREATE OR REPLACE VIEW grafana.model_quality AS SELECT monitoring.model_quality.model_id, monitoring.model_quality.granularity, monitoring.model_quality.window_start, monitoring.model_quality.segment, monitoring.model_quality.metric, monitoring.model_quality.kind, monitoring.model_quality.model_version, monitoring.model_quality.value, monitoring.model_quality.interval_low, monitoring.model_quality.interval_high, monitoring.model_quality.reference_value, monitoring.model_quality.threshold, monitoring.model_quality.labels, monitoring.model_quality.coverage, monitoring.model_quality.verdict, monitoring.model_quality.reason, monitoring.model_quality.computation_id, monitoring."window".window_end
FROM monitoring.model_quality JOIN monitoring."window" ON monitoring.model_quality.model_id = monitoring."window".model_id AND monitoring.model_quality.granularity = monitoring."window".granularity AND monitoring.model_quality.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND monitoring.model_quality.class_name = '';

COMMENT ON VIEW "grafana"."model_quality" IS 'Model-quality numbers of complete windows, over all classes.';

CREATE OR REPLACE VIEW grafana.newest_verdicts AS SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'data_drift' AS layer, 'alarming_share' AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT monitoring.dataset_drift.alarming_share AS value, monitoring.dataset_drift.verdict AS verdict, monitoring.dataset_drift.reason AS reason
FROM monitoring.dataset_drift
WHERE monitoring.dataset_drift.model_id = newest.model_id AND monitoring.dataset_drift.granularity = newest.granularity AND monitoring.dataset_drift.window_start = newest.window_start AND monitoring.dataset_drift.segment = 'all' ORDER BY monitoring.dataset_drift.reference_version DESC
 LIMIT 1) AS found ON true
WHERE monitoring.model.retired_at IS NULL UNION ALL SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'data_quality' AS layer, 'alarming_numbers' AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT CAST(count(*) AS DOUBLE PRECISION) AS value, CASE WHEN (count(*) > 0) THEN 'alarm' ELSE 'ok' END AS verdict, coalesce(string_agg(concat_ws(' ', nullif(monitoring.data_quality.column_name, ''), monitoring.data_quality.metric || ':', monitoring.data_quality.reason), '; '), 'no number breaks its bound') AS reason
FROM monitoring.data_quality
WHERE monitoring.data_quality.model_id = newest.model_id AND monitoring.data_quality.granularity = newest.granularity AND monitoring.data_quality.window_start = newest.window_start AND monitoring.data_quality.segment = 'all' AND monitoring.data_quality.verdict = 'alarm') AS found ON true
WHERE monitoring.model.retired_at IS NULL UNION ALL SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'model_quality' AS layer, monitoring.model.main_metric AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT monitoring.model_quality.value AS value, monitoring.model_quality.verdict AS verdict, monitoring.model_quality.reason AS reason
FROM monitoring.model_quality
WHERE monitoring.model_quality.model_id = newest.model_id AND monitoring.model_quality.granularity = newest.granularity AND monitoring.model_quality.window_start = newest.window_start AND monitoring.model_quality.segment = 'all' AND monitoring.model_quality.metric = monitoring.model.main_metric AND monitoring.model_quality.class_name = '' AND monitoring.model_quality.kind = 'realised' ORDER BY monitoring.model_quality.labels DESC, monitoring.model_quality.model_version DESC
 LIMIT 1) AS found ON true
WHERE monitoring.model.retired_at IS NULL;

CREATE VIEW grafana.model_quality_by_class AS SELECT monitoring.model_quality.model_id, monitoring.model_quality.granularity, monitoring.model_quality.window_start, monitoring.model_quality.segment, monitoring.model_quality.metric, monitoring.model_quality.class_name, monitoring.model_quality.kind, monitoring.model_quality.model_version, monitoring.model_quality.value, monitoring.model_quality.interval_low, monitoring.model_quality.interval_high, monitoring.model_quality.reference_value, monitoring.model_quality.threshold, monitoring.model_quality.labels, monitoring.model_quality.coverage, monitoring.model_quality.verdict, monitoring.model_quality.reason, monitoring.model_quality.computation_id, monitoring."window".window_end
FROM monitoring.model_quality JOIN monitoring."window" ON monitoring.model_quality.model_id = monitoring."window".model_id AND monitoring.model_quality.granularity = monitoring."window".granularity AND monitoring.model_quality.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND monitoring.model_quality.class_name != '';

COMMENT ON VIEW "grafana"."model_quality_by_class" IS 'Model-quality numbers of single classes in complete windows.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."metric" IS 'Name of the number, such as mae.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."class_name" IS 'The class the number is about.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."kind" IS 'realised: measured against labels; estimated: without them.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."model_version" IS 'Version that made the predictions; '''' if none did.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."value" IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."interval_low" IS 'Lower end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."interval_high" IS 'Upper end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."reference_value" IS 'The same number on the reference.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."threshold" IS 'Bound beyond which it is bad, in the metric''s own unit.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."labels" IS 'Rows it was measured on.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."coverage" IS 'Share of scored rows with a label, 0 to 1.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."model_quality_by_class"."window_end" IS 'First moment after the window, UTC.';
