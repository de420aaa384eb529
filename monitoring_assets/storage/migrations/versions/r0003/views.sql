-- Replaced, not made anew: who may read a view goes on reading it.
CREATE OR REPLACE VIEW grafana.windows AS SELECT monitoring."window".model_id, monitoring."window".granularity, monitoring."window".window_start, monitoring."window".window_end, monitoring."window".partition_key, monitoring."window".rows_read, monitoring."window".rows_scored, monitoring."window".rows_rejected, monitoring."window".rows_adjusted, monitoring."window".labels, monitoring."window".label_coverage, monitoring."window".newest_knowledge_time, monitoring."window".status, monitoring."window".computed_at, monitoring."window".computation_id, monitoring."window".rows_by_version
FROM monitoring."window"
WHERE monitoring."window".status = 'complete';
COMMENT ON VIEW "grafana"."windows" IS 'Every complete window.';
COMMENT ON COLUMN "grafana"."windows"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."windows"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."windows"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."windows"."window_end" IS 'First moment after the window, UTC.';
COMMENT ON COLUMN "grafana"."windows"."partition_key" IS 'Dagster''s name of the window.';
COMMENT ON COLUMN "grafana"."windows"."rows_read" IS 'Rows whose event time lies in the window; null until read.';
COMMENT ON COLUMN "grafana"."windows"."rows_scored" IS 'Rows that pass the filters and have a prediction.';
COMMENT ON COLUMN "grafana"."windows"."rows_rejected" IS 'Filter name -> rows it was the first to reject.';
COMMENT ON COLUMN "grafana"."windows"."rows_adjusted" IS 'What was mended on reading -> rows.';
COMMENT ON COLUMN "grafana"."windows"."labels" IS 'Scored rows with a label; null until labels were read.';
COMMENT ON COLUMN "grafana"."windows"."label_coverage" IS 'labels / rows_scored, 0 to 1; null without scored rows.';
COMMENT ON COLUMN "grafana"."windows"."newest_knowledge_time" IS 'Latest moment at which a label became known.';
COMMENT ON COLUMN "grafana"."windows"."status" IS 'complete: every layer was computed after all it is computed from.';
COMMENT ON COLUMN "grafana"."windows"."computed_at" IS 'When any layer of the window was last written, UTC.';
COMMENT ON COLUMN "grafana"."windows"."computation_id" IS 'The computation that last wrote to the window.';
COMMENT ON COLUMN "grafana"."windows"."rows_by_version" IS 'Model version -> rows it scored.';

CREATE OR REPLACE VIEW grafana.newest_verdicts AS SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'data_drift' AS layer, 'alarming_share' AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id, monitoring."window".rows_by_version AS rows_by_version
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT monitoring.dataset_drift.alarming_share AS value, monitoring.dataset_drift.verdict AS verdict, monitoring.dataset_drift.reason AS reason
FROM monitoring.dataset_drift
WHERE monitoring.dataset_drift.model_id = newest.model_id AND monitoring.dataset_drift.granularity = newest.granularity AND monitoring.dataset_drift.window_start = newest.window_start AND monitoring.dataset_drift.segment = 'all' ORDER BY monitoring.dataset_drift.reference_version DESC
 LIMIT 1) AS found ON true
WHERE monitoring.model.retired_at IS NULL UNION ALL SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'data_quality' AS layer, 'alarming_numbers' AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id, monitoring."window".rows_by_version AS rows_by_version
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT CAST(count(*) AS DOUBLE PRECISION) AS value, CASE WHEN (count(*) > 0) THEN 'alarm' ELSE 'ok' END AS verdict, coalesce(string_agg(concat_ws(' ', nullif(monitoring.data_quality.column_name, ''), monitoring.data_quality.metric || ':', monitoring.data_quality.reason), '; '), 'no number breaks its bound') AS reason
FROM monitoring.data_quality
WHERE monitoring.data_quality.model_id = newest.model_id AND monitoring.data_quality.granularity = newest.granularity AND monitoring.data_quality.window_start = newest.window_start AND monitoring.data_quality.segment = 'all' AND monitoring.data_quality.verdict = 'alarm') AS found ON true
WHERE monitoring.model.retired_at IS NULL UNION ALL SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'model_quality' AS layer, monitoring.model.main_metric AS metric, found.value, found.verdict, found.reason
FROM monitoring.model JOIN LATERAL (SELECT monitoring."window".model_id AS model_id, monitoring."window".granularity AS granularity, monitoring."window".window_start AS window_start, monitoring."window".window_end AS window_end, monitoring."window".partition_key AS partition_key, monitoring."window".rows_read AS rows_read, monitoring."window".rows_scored AS rows_scored, monitoring."window".rows_rejected AS rows_rejected, monitoring."window".rows_adjusted AS rows_adjusted, monitoring."window".labels AS labels, monitoring."window".label_coverage AS label_coverage, monitoring."window".newest_knowledge_time AS newest_knowledge_time, monitoring."window".status AS status, monitoring."window".computed_at AS computed_at, monitoring."window".computation_id AS computation_id, monitoring."window".rows_by_version AS rows_by_version
FROM monitoring."window"
WHERE monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' ORDER BY monitoring."window".window_start DESC
 LIMIT 1) AS newest ON true JOIN LATERAL (SELECT monitoring.model_quality.value AS value, monitoring.model_quality.verdict AS verdict, monitoring.model_quality.reason AS reason
FROM monitoring.model_quality
WHERE monitoring.model_quality.model_id = newest.model_id AND monitoring.model_quality.granularity = newest.granularity AND monitoring.model_quality.window_start = newest.window_start AND monitoring.model_quality.segment = 'all' AND monitoring.model_quality.metric = monitoring.model.main_metric AND monitoring.model_quality.class_name = '' AND monitoring.model_quality.kind = 'realised' ORDER BY monitoring.model_quality.labels DESC, monitoring.model_quality.model_version DESC
 LIMIT 1) AS found ON true
WHERE monitoring.model.retired_at IS NULL;
