CREATE TABLE monitoring.drift_score (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	column_name TEXT NOT NULL,
	method TEXT NOT NULL,
	reference_version INTEGER NOT NULL,
	score DOUBLE PRECISION,
	expected DOUBLE PRECISION,
	p_value DOUBLE PRECISION,
	threshold DOUBLE PRECISION NOT NULL,
	n_reference BIGINT NOT NULL,
	n_window BIGINT NOT NULL,
	deciding BOOLEAN NOT NULL,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT drift_score_key PRIMARY KEY (model_id, granularity, window_start, segment, column_name, method, reference_version),
	CONSTRAINT drift_score_verdict_legal CHECK (verdict IN ('ok', 'alarm', 'insufficient_data', 'labels_immature', 'undefined')),
	CONSTRAINT drift_score_reason_given CHECK (reason != ''),
	CONSTRAINT drift_score_score_or_why_not CHECK (score IS NOT NULL OR (verdict NOT IN ('ok', 'alarm'))),
	CONSTRAINT drift_score_score_finite CHECK (abs(score) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT drift_score_expected_finite CHECK (abs(expected) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT drift_score_p_value_finite CHECK (abs(p_value) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT drift_score_threshold_finite CHECK (abs(threshold) < CAST('Infinity' AS DOUBLE PRECISION))
);

CREATE INDEX drift_score_by_column ON monitoring.drift_score (model_id, segment, column_name, window_start);
COMMENT ON TABLE monitoring.drift_score IS 'One drift number of one column by one method.';
COMMENT ON COLUMN monitoring.drift_score.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.drift_score.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.drift_score.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.drift_score.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.drift_score.column_name IS 'Our name of the column.';
COMMENT ON COLUMN monitoring.drift_score.method IS 'Name of the method; decides unit and range of the score.';
COMMENT ON COLUMN monitoring.drift_score.reference_version IS 'Reference compared with.';
COMMENT ON COLUMN monitoring.drift_score.score IS 'The drift number, larger is more; null if the verdict says why.';
COMMENT ON COLUMN monitoring.drift_score.expected IS 'Median score of a quiet window of this size.';
COMMENT ON COLUMN monitoring.drift_score.p_value IS 'How rarely a quiet window scores as much, 0 to 1.';
COMMENT ON COLUMN monitoring.drift_score.threshold IS 'Score above which drift is material.';
COMMENT ON COLUMN monitoring.drift_score.n_reference IS 'Reference rows compared with.';
COMMENT ON COLUMN monitoring.drift_score.n_window IS 'Rows of the window compared.';
COMMENT ON COLUMN monitoring.drift_score.deciding IS 'Whether this method decides about its column.';
COMMENT ON COLUMN monitoring.drift_score.verdict IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN monitoring.drift_score.reason IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN monitoring.drift_score.computation_id IS 'The computation that wrote this row: computation.id.';
CREATE TABLE monitoring.dataset_drift (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	reference_version INTEGER NOT NULL,
	columns_decided BIGINT NOT NULL,
	columns_alarming BIGINT NOT NULL,
	alarming_share DOUBLE PRECISION,
	threshold DOUBLE PRECISION NOT NULL,
	prediction_drift DOUBLE PRECISION,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT dataset_drift_key PRIMARY KEY (model_id, granularity, window_start, segment, reference_version),
	CONSTRAINT dataset_drift_verdict_legal CHECK (verdict IN ('ok', 'alarm', 'insufficient_data', 'labels_immature', 'undefined')),
	CONSTRAINT dataset_drift_reason_given CHECK (reason != ''),
	CONSTRAINT dataset_drift_alarming_share_or_why_not CHECK (alarming_share IS NOT NULL OR (verdict NOT IN ('ok', 'alarm'))),
	CONSTRAINT dataset_drift_alarming_share_finite CHECK (abs(alarming_share) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT dataset_drift_threshold_finite CHECK (abs(threshold) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT dataset_drift_prediction_drift_finite CHECK (abs(prediction_drift) < CAST('Infinity' AS DOUBLE PRECISION))
);

COMMENT ON TABLE monitoring.dataset_drift IS 'The verdict over all deciding columns of a window and segment.';
COMMENT ON COLUMN monitoring.dataset_drift.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.dataset_drift.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.dataset_drift.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.dataset_drift.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.dataset_drift.reference_version IS 'Reference compared with.';
COMMENT ON COLUMN monitoring.dataset_drift.columns_decided IS 'Columns whose deciding method gave ok or alarm.';
COMMENT ON COLUMN monitoring.dataset_drift.columns_alarming IS 'Columns whose deciding method alarms.';
COMMENT ON COLUMN monitoring.dataset_drift.alarming_share IS 'columns_alarming / columns_decided, 0 to 1.';
COMMENT ON COLUMN monitoring.dataset_drift.threshold IS 'Share above which the dataset has drifted, 0 to 1.';
COMMENT ON COLUMN monitoring.dataset_drift.prediction_drift IS 'Score of the deciding method on the prediction.';
COMMENT ON COLUMN monitoring.dataset_drift.verdict IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN monitoring.dataset_drift.reason IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN monitoring.dataset_drift.computation_id IS 'The computation that wrote this row: computation.id.';
CREATE TABLE monitoring.data_quality (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	column_name TEXT NOT NULL,
	metric TEXT NOT NULL,
	value DOUBLE PRECISION,
	expectation TEXT NOT NULL,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT data_quality_key PRIMARY KEY (model_id, granularity, window_start, segment, column_name, metric),
	CONSTRAINT data_quality_verdict_legal CHECK (verdict IN ('ok', 'alarm', 'insufficient_data', 'labels_immature', 'undefined')),
	CONSTRAINT data_quality_reason_given CHECK (reason != ''),
	CONSTRAINT data_quality_value_or_why_not CHECK (value IS NOT NULL OR (verdict NOT IN ('ok', 'alarm'))),
	CONSTRAINT data_quality_value_finite CHECK (abs(value) < CAST('Infinity' AS DOUBLE PRECISION))
);

CREATE INDEX data_quality_alarms ON monitoring.data_quality (model_id, granularity, window_start) WHERE verdict = 'alarm';
CREATE INDEX data_quality_by_column ON monitoring.data_quality (model_id, segment, column_name, window_start);
COMMENT ON TABLE monitoring.data_quality IS 'One number about the state of the data, measured on all rows of the window.';
COMMENT ON COLUMN monitoring.data_quality.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.data_quality.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.data_quality.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.data_quality.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.data_quality.column_name IS 'Our name of the column; '''' for the whole window.';
COMMENT ON COLUMN monitoring.data_quality.metric IS 'Name of the number, such as missing_share or quantile_0.25.';
COMMENT ON COLUMN monitoring.data_quality.value IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN monitoring.data_quality.expectation IS 'What it is held against, in words; '''' if nothing.';
COMMENT ON COLUMN monitoring.data_quality.verdict IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN monitoring.data_quality.reason IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN monitoring.data_quality.computation_id IS 'The computation that wrote this row: computation.id.';
CREATE TABLE monitoring.model_quality (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	metric TEXT NOT NULL,
	kind TEXT NOT NULL,
	model_version TEXT NOT NULL,
	value DOUBLE PRECISION,
	interval_low DOUBLE PRECISION,
	interval_high DOUBLE PRECISION,
	reference_value DOUBLE PRECISION,
	threshold DOUBLE PRECISION,
	labels BIGINT NOT NULL,
	coverage DOUBLE PRECISION,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT model_quality_key PRIMARY KEY (model_id, granularity, window_start, segment, metric, kind, model_version),
	CONSTRAINT model_quality_verdict_legal CHECK (verdict IN ('ok', 'alarm', 'insufficient_data', 'labels_immature', 'undefined')),
	CONSTRAINT model_quality_reason_given CHECK (reason != ''),
	CONSTRAINT model_quality_value_or_why_not CHECK (value IS NOT NULL OR (verdict NOT IN ('ok', 'alarm'))),
	CONSTRAINT model_quality_value_finite CHECK (abs(value) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_quality_interval_low_finite CHECK (abs(interval_low) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_quality_interval_high_finite CHECK (abs(interval_high) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_quality_reference_value_finite CHECK (abs(reference_value) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_quality_threshold_finite CHECK (abs(threshold) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_quality_coverage_finite CHECK (abs(coverage) < CAST('Infinity' AS DOUBLE PRECISION))
);

CREATE INDEX model_quality_by_metric ON monitoring.model_quality (model_id, segment, metric, window_start);
COMMENT ON TABLE monitoring.model_quality IS 'One number about predictions against labels.';
COMMENT ON COLUMN monitoring.model_quality.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.model_quality.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.model_quality.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.model_quality.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.model_quality.metric IS 'Name of the number, such as mae.';
COMMENT ON COLUMN monitoring.model_quality.kind IS 'realised: measured against labels; estimated: without them.';
COMMENT ON COLUMN monitoring.model_quality.model_version IS 'Version that made the predictions; '''' if none did.';
COMMENT ON COLUMN monitoring.model_quality.value IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN monitoring.model_quality.interval_low IS 'Lower end of the 95 %% interval.';
COMMENT ON COLUMN monitoring.model_quality.interval_high IS 'Upper end of the 95 %% interval.';
COMMENT ON COLUMN monitoring.model_quality.reference_value IS 'The same number on the reference.';
COMMENT ON COLUMN monitoring.model_quality.threshold IS 'Bound beyond which it is bad, in the metric''s own unit.';
COMMENT ON COLUMN monitoring.model_quality.labels IS 'Rows it was measured on.';
COMMENT ON COLUMN monitoring.model_quality.coverage IS 'Share of scored rows with a label, 0 to 1.';
COMMENT ON COLUMN monitoring.model_quality.verdict IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN monitoring.model_quality.reason IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN monitoring.model_quality.computation_id IS 'The computation that wrote this row: computation.id.';
