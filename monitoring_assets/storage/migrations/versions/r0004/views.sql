-- Without SELECT *, whose columns a view writes down in the order in which the table has them.
CREATE OR REPLACE VIEW grafana.ml_metrics AS SELECT monitoring."window".window_end AS timestamp, monitoring."window".model_id AS model_name, monitoring.dataset_drift.prediction_drift, monitoring.dataset_drift.columns_alarming AS num_drifted_columns, monitoring.data_quality.value AS share_missing_values, CASE WHEN (monitoring.dataset_drift.verdict = 'alarm') THEN true WHEN (monitoring.dataset_drift.verdict = 'ok') THEN false END AS dataset_drift, monitoring.dataset_drift.alarming_share AS drift_score, monitoring."window".computed_at AS created_at
FROM monitoring."window" JOIN monitoring.dataset_drift ON monitoring."window".model_id = monitoring.dataset_drift.model_id AND monitoring."window".granularity = monitoring.dataset_drift.granularity AND monitoring."window".window_start = monitoring.dataset_drift.window_start LEFT OUTER JOIN monitoring.data_quality ON monitoring.data_quality.model_id = monitoring."window".model_id AND monitoring.data_quality.granularity = monitoring."window".granularity AND monitoring.data_quality.window_start = monitoring."window".window_start AND monitoring.data_quality.segment = 'all' AND monitoring.data_quality.column_name = '' AND monitoring.data_quality.metric = 'missing_share'
WHERE monitoring."window".status = 'complete' AND monitoring.dataset_drift.segment = 'all' AND NOT (EXISTS (SELECT newer.reference_version
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

CREATE OR REPLACE VIEW grafana.drift_scores AS SELECT monitoring.drift_score.model_id, monitoring.drift_score.granularity, monitoring.drift_score.window_start, monitoring.drift_score.segment, monitoring.drift_score.column_name, monitoring.drift_score.method, monitoring.drift_score.reference_version, monitoring.drift_score.score, monitoring.drift_score.expected, monitoring.drift_score.p_value, monitoring.drift_score.threshold, monitoring.drift_score.n_reference, monitoring.drift_score.n_window, monitoring.drift_score.deciding, monitoring.drift_score.verdict, monitoring.drift_score.reason, monitoring.drift_score.computation_id, monitoring."window".window_end
FROM monitoring.drift_score JOIN monitoring."window" ON monitoring.drift_score.model_id = monitoring."window".model_id AND monitoring.drift_score.granularity = monitoring."window".granularity AND monitoring.drift_score.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND NOT (EXISTS (SELECT newer.reference_version
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

CREATE OR REPLACE VIEW grafana.dataset_drift AS SELECT monitoring.dataset_drift.model_id, monitoring.dataset_drift.granularity, monitoring.dataset_drift.window_start, monitoring.dataset_drift.segment, monitoring.dataset_drift.reference_version, monitoring.dataset_drift.columns_decided, monitoring.dataset_drift.columns_alarming, monitoring.dataset_drift.alarming_share, monitoring.dataset_drift.threshold, monitoring.dataset_drift.prediction_drift, monitoring.dataset_drift.verdict, monitoring.dataset_drift.reason, monitoring.dataset_drift.computation_id, monitoring."window".window_end
FROM monitoring.dataset_drift JOIN monitoring."window" ON monitoring.dataset_drift.model_id = monitoring."window".model_id AND monitoring.dataset_drift.granularity = monitoring."window".granularity AND monitoring.dataset_drift.window_start = monitoring."window".window_start
WHERE monitoring."window".status = 'complete' AND NOT (EXISTS (SELECT newer.reference_version
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
