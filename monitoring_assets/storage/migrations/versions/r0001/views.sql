CREATE VIEW grafana.ml_metrics AS SELECT monitoring."window".window_end AS timestamp, monitoring."window".model_id AS model_name, monitoring.dataset_drift.prediction_drift, monitoring.dataset_drift.columns_alarming AS num_drifted_columns, monitoring.data_quality.value AS share_missing_values, CASE WHEN (monitoring.dataset_drift.verdict = 'alarm') THEN true WHEN (monitoring.dataset_drift.verdict = 'ok') THEN false END AS dataset_drift, monitoring.dataset_drift.alarming_share AS drift_score, monitoring."window".computed_at AS created_at
FROM monitoring."window" JOIN monitoring.dataset_drift ON monitoring."window".model_id = monitoring.dataset_drift.model_id AND monitoring."window".granularity = monitoring.dataset_drift.granularity AND monitoring."window".window_start = monitoring.dataset_drift.window_start LEFT OUTER JOIN monitoring.data_quality ON monitoring.data_quality.model_id = monitoring."window".model_id AND monitoring.data_quality.granularity = monitoring."window".granularity AND monitoring.data_quality.window_start = monitoring."window".window_start AND monitoring.data_quality.segment = 'all' AND monitoring.data_quality.column_name = '' AND monitoring.data_quality.metric = 'missing_share'
WHERE monitoring."window".status = 'complete' AND monitoring.dataset_drift.segment = 'all' AND NOT (EXISTS (SELECT *
FROM monitoring.dataset_drift AS newer
WHERE newer.model_id = monitoring.dataset_drift.model_id AND newer.granularity = monitoring.dataset_drift.granularity AND newer.window_start = monitoring.dataset_drift.window_start AND newer.segment = monitoring.dataset_drift.segment AND newer.reference_version > monitoring.dataset_drift.reference_version));

COMMENT ON VIEW "grafana"."ml_metrics" IS 'One line for each complete window, in the columns of well-known dashboards.';
COMMENT ON COLUMN "grafana"."ml_metrics"."timestamp" IS 'First moment after the window, UTC.';
COMMENT ON COLUMN "grafana"."ml_metrics"."model_name" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."ml_metrics"."prediction_drift" IS 'Score of the deciding method on the prediction.';
COMMENT ON COLUMN "grafana"."ml_metrics"."num_drifted_columns" IS 'Columns whose deciding method alarms.';
COMMENT ON COLUMN "grafana"."ml_metrics"."share_missing_values" IS 'Missing cells / all cells of the window, 0 to 1.';
COMMENT ON COLUMN "grafana"."ml_metrics"."dataset_drift" IS 'Whether the dataset has drifted; null if it could not be decided.';
COMMENT ON COLUMN "grafana"."ml_metrics"."drift_score" IS 'Alarming columns / decided columns, 0 to 1.';
COMMENT ON COLUMN "grafana"."ml_metrics"."created_at" IS 'When the window was last computed, UTC.';
CREATE VIEW grafana.windows AS SELECT monitoring."window".model_id, monitoring."window".granularity, monitoring."window".window_start, monitoring."window".window_end, monitoring."window".partition_key, monitoring."window".rows_read, monitoring."window".rows_scored, monitoring."window".rows_rejected, monitoring."window".rows_adjusted, monitoring."window".labels, monitoring."window".label_coverage, monitoring."window".newest_knowledge_time, monitoring."window".status, monitoring."window".computed_at, monitoring."window".computation_id
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
CREATE VIEW grafana.drift_scores AS SELECT monitoring.drift_score.model_id, monitoring.drift_score.granularity, monitoring.drift_score.window_start, monitoring.drift_score.segment, monitoring.drift_score.column_name, monitoring.drift_score.method, monitoring.drift_score.reference_version, monitoring.drift_score.score, monitoring.drift_score.expected, monitoring.drift_score.p_value, monitoring.drift_score.threshold, monitoring.drift_score.n_reference, monitoring.drift_score.n_window, monitoring.drift_score.deciding, monitoring.drift_score.verdict, monitoring.drift_score.reason, monitoring.drift_score.computation_id, monitoring."window".window_end
FROM monitoring.drift_score JOIN monitoring."window" ON monitoring.drift_score.model_id = monitoring."window".model_id AND monitoring.drift_score.granularity = monitoring."window".granularity AND monitoring.drift_score.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND NOT (EXISTS (SELECT *
FROM monitoring.dataset_drift AS newer
WHERE newer.model_id = monitoring.drift_score.model_id AND newer.granularity = monitoring.drift_score.granularity AND newer.window_start = monitoring.drift_score.window_start AND newer.segment = monitoring.drift_score.segment AND newer.reference_version > monitoring.drift_score.reference_version));

COMMENT ON VIEW "grafana"."drift_scores" IS 'Drift scores of complete windows, against the newest reference compared with.';
COMMENT ON COLUMN "grafana"."drift_scores"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."drift_scores"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."drift_scores"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."drift_scores"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."drift_scores"."column_name" IS 'Our name of the column.';
COMMENT ON COLUMN "grafana"."drift_scores"."method" IS 'Name of the method; decides unit and range of the score.';
COMMENT ON COLUMN "grafana"."drift_scores"."reference_version" IS 'Reference compared with.';
COMMENT ON COLUMN "grafana"."drift_scores"."score" IS 'The drift number, larger is more; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."drift_scores"."expected" IS 'Median score of a quiet window of this size.';
COMMENT ON COLUMN "grafana"."drift_scores"."p_value" IS 'How rarely a quiet window scores as much, 0 to 1.';
COMMENT ON COLUMN "grafana"."drift_scores"."threshold" IS 'Score above which drift is material.';
COMMENT ON COLUMN "grafana"."drift_scores"."n_reference" IS 'Reference rows compared with.';
COMMENT ON COLUMN "grafana"."drift_scores"."n_window" IS 'Rows of the window compared.';
COMMENT ON COLUMN "grafana"."drift_scores"."deciding" IS 'Whether this method decides about its column.';
COMMENT ON COLUMN "grafana"."drift_scores"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."drift_scores"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."drift_scores"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."drift_scores"."window_end" IS 'First moment after the window, UTC.';
CREATE VIEW grafana.dataset_drift AS SELECT monitoring.dataset_drift.model_id, monitoring.dataset_drift.granularity, monitoring.dataset_drift.window_start, monitoring.dataset_drift.segment, monitoring.dataset_drift.reference_version, monitoring.dataset_drift.columns_decided, monitoring.dataset_drift.columns_alarming, monitoring.dataset_drift.alarming_share, monitoring.dataset_drift.threshold, monitoring.dataset_drift.prediction_drift, monitoring.dataset_drift.verdict, monitoring.dataset_drift.reason, monitoring.dataset_drift.computation_id, monitoring."window".window_end
FROM monitoring.dataset_drift JOIN monitoring."window" ON monitoring.dataset_drift.model_id = monitoring."window".model_id AND monitoring.dataset_drift.granularity = monitoring."window".granularity AND monitoring.dataset_drift.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND NOT (EXISTS (SELECT *
FROM monitoring.dataset_drift AS newer
WHERE newer.model_id = monitoring.dataset_drift.model_id AND newer.granularity = monitoring.dataset_drift.granularity AND newer.window_start = monitoring.dataset_drift.window_start AND newer.segment = monitoring.dataset_drift.segment AND newer.reference_version > monitoring.dataset_drift.reference_version));

COMMENT ON VIEW "grafana"."dataset_drift" IS 'Dataset drift of complete windows, against the newest reference compared with.';
COMMENT ON COLUMN "grafana"."dataset_drift"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."dataset_drift"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."dataset_drift"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."dataset_drift"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."dataset_drift"."reference_version" IS 'Reference compared with.';
COMMENT ON COLUMN "grafana"."dataset_drift"."columns_decided" IS 'Columns whose deciding method gave ok or alarm.';
COMMENT ON COLUMN "grafana"."dataset_drift"."columns_alarming" IS 'Columns whose deciding method alarms.';
COMMENT ON COLUMN "grafana"."dataset_drift"."alarming_share" IS 'columns_alarming / columns_decided, 0 to 1.';
COMMENT ON COLUMN "grafana"."dataset_drift"."threshold" IS 'Share above which the dataset has drifted, 0 to 1.';
COMMENT ON COLUMN "grafana"."dataset_drift"."prediction_drift" IS 'Score of the deciding method on the prediction.';
COMMENT ON COLUMN "grafana"."dataset_drift"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."dataset_drift"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."dataset_drift"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."dataset_drift"."window_end" IS 'First moment after the window, UTC.';
CREATE VIEW grafana.data_quality AS SELECT monitoring.data_quality.model_id, monitoring.data_quality.granularity, monitoring.data_quality.window_start, monitoring.data_quality.segment, monitoring.data_quality.column_name, monitoring.data_quality.metric, monitoring.data_quality.value, monitoring.data_quality.expectation, monitoring.data_quality.verdict, monitoring.data_quality.reason, monitoring.data_quality.computation_id, monitoring."window".window_end
FROM monitoring.data_quality JOIN monitoring."window" ON monitoring.data_quality.model_id = monitoring."window".model_id AND monitoring.data_quality.granularity = monitoring."window".granularity AND monitoring.data_quality.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete';

COMMENT ON VIEW "grafana"."data_quality" IS 'Data-quality numbers of complete windows.';
COMMENT ON COLUMN "grafana"."data_quality"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."data_quality"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."data_quality"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."data_quality"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."data_quality"."column_name" IS 'Our name of the column; '''' for the whole window.';
COMMENT ON COLUMN "grafana"."data_quality"."metric" IS 'Name of the number, such as missing_share or quantile_0.25.';
COMMENT ON COLUMN "grafana"."data_quality"."value" IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."data_quality"."expectation" IS 'What it is held against, in words; '''' if nothing.';
COMMENT ON COLUMN "grafana"."data_quality"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."data_quality"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."data_quality"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."data_quality"."window_end" IS 'First moment after the window, UTC.';
CREATE VIEW grafana.model_quality AS SELECT monitoring.model_quality.model_id, monitoring.model_quality.granularity, monitoring.model_quality.window_start, monitoring.model_quality.segment, monitoring.model_quality.metric, monitoring.model_quality.kind, monitoring.model_quality.model_version, monitoring.model_quality.value, monitoring.model_quality.interval_low, monitoring.model_quality.interval_high, monitoring.model_quality.reference_value, monitoring.model_quality.threshold, monitoring.model_quality.labels, monitoring.model_quality.coverage, monitoring.model_quality.verdict, monitoring.model_quality.reason, monitoring.model_quality.computation_id, monitoring."window".window_end
FROM monitoring.model_quality JOIN monitoring."window" ON monitoring.model_quality.model_id = monitoring."window".model_id AND monitoring.model_quality.granularity = monitoring."window".granularity AND monitoring.model_quality.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete';

COMMENT ON VIEW "grafana"."model_quality" IS 'Model-quality numbers of complete windows.';
COMMENT ON COLUMN "grafana"."model_quality"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."model_quality"."granularity" IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."model_quality"."window_start" IS 'First moment of the window, UTC.';
COMMENT ON COLUMN "grafana"."model_quality"."segment" IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN "grafana"."model_quality"."metric" IS 'Name of the number, such as mae.';
COMMENT ON COLUMN "grafana"."model_quality"."kind" IS 'realised: measured against labels; estimated: without them.';
COMMENT ON COLUMN "grafana"."model_quality"."model_version" IS 'Version that made the predictions; '''' if none did.';
COMMENT ON COLUMN "grafana"."model_quality"."value" IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."model_quality"."interval_low" IS 'Lower end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality"."interval_high" IS 'Upper end of the 95 % interval.';
COMMENT ON COLUMN "grafana"."model_quality"."reference_value" IS 'The same number on the reference.';
COMMENT ON COLUMN "grafana"."model_quality"."threshold" IS 'Bound beyond which it is bad, in the metric''s own unit.';
COMMENT ON COLUMN "grafana"."model_quality"."labels" IS 'Rows it was measured on.';
COMMENT ON COLUMN "grafana"."model_quality"."coverage" IS 'Share of scored rows with a label, 0 to 1.';
COMMENT ON COLUMN "grafana"."model_quality"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."model_quality"."reason" IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN "grafana"."model_quality"."computation_id" IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN "grafana"."model_quality"."window_end" IS 'First moment after the window, UTC.';
CREATE VIEW grafana.newest_verdicts AS SELECT monitoring.model.model_id, monitoring.model.granularity, newest.window_start, newest.window_end, 'data_drift' AS layer, 'alarming_share' AS metric, found.value, found.verdict, found.reason
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
WHERE monitoring.model_quality.model_id = newest.model_id AND monitoring.model_quality.granularity = newest.granularity AND monitoring.model_quality.window_start = newest.window_start AND monitoring.model_quality.segment = 'all' AND monitoring.model_quality.metric = monitoring.model.main_metric AND monitoring.model_quality.kind = 'realised' ORDER BY monitoring.model_quality.labels DESC, monitoring.model_quality.model_version DESC
 LIMIT 1) AS found ON true
WHERE monitoring.model.retired_at IS NULL;

COMMENT ON VIEW "grafana"."newest_verdicts" IS 'Three lines for each model: what its newest complete window says.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."granularity" IS 'Length of its windows: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."window_start" IS 'First moment of its newest complete window, UTC.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."window_end" IS 'First moment after that window, UTC.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."layer" IS 'data_drift, data_quality or model_quality.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."metric" IS 'Name of the number.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."value" IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."verdict" IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN "grafana"."newest_verdicts"."reason" IS 'Why the verdict is what it is, in a sentence.';
