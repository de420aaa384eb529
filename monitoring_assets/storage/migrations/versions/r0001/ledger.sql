CREATE TABLE monitoring.computation (
	id BIGINT GENERATED ALWAYS AS IDENTITY,
	model_id TEXT NOT NULL,
	layer TEXT NOT NULL,
	granularity TEXT,
	window_start TIMESTAMP WITH TIME ZONE,
	window_end TIMESTAMP WITH TIME ZONE,
	run_id TEXT NOT NULL,
	code_version TEXT NOT NULL,
	spec_hash TEXT NOT NULL,
	reference_version INTEGER,
	bins_version INTEGER,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT computation_key PRIMARY KEY (id),
	CONSTRAINT computation_layer_legal CHECK (layer IN ('deployed_model', 'reference_data', 'predictions', 'labels', 'window_profiles', 'quality_profiles', 'data_drift', 'data_quality', 'model_quality'))
);

CREATE INDEX computation_by_window ON monitoring.computation (model_id, window_start, layer, id);
COMMENT ON TABLE monitoring.computation IS 'One line for each time an asset was computed; every stored row names its line.';
COMMENT ON COLUMN monitoring.computation.id IS 'Number of the computation; grows with every write of a window.';
COMMENT ON COLUMN monitoring.computation.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.computation.layer IS 'Asset that was computed: the last part of its Dagster key.';
COMMENT ON COLUMN monitoring.computation.granularity IS 'Length of the window; null for an asset without windows.';
COMMENT ON COLUMN monitoring.computation.window_start IS 'First moment of the window, UTC; null without one.';
COMMENT ON COLUMN monitoring.computation.window_end IS 'First moment after the window, UTC; null without one.';
COMMENT ON COLUMN monitoring.computation.run_id IS 'Dagster run that did it.';
COMMENT ON COLUMN monitoring.computation.code_version IS 'Version of this application.';
COMMENT ON COLUMN monitoring.computation.spec_hash IS 'Fingerprint of the model''s YAML.';
COMMENT ON COLUMN monitoring.computation.reference_version IS 'Reference compared with; null if none.';
COMMENT ON COLUMN monitoring.computation.bins_version IS 'Newest bins counted by; null if none.';
COMMENT ON COLUMN monitoring.computation.started_at IS 'When the computation began, UTC.';
COMMENT ON COLUMN monitoring.computation.finished_at IS 'When its rows were written, UTC.';
CREATE TABLE monitoring."window" (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	window_end TIMESTAMP WITH TIME ZONE NOT NULL,
	partition_key TEXT NOT NULL,
	rows_read BIGINT,
	rows_scored BIGINT,
	rows_rejected JSONB DEFAULT '{}' NOT NULL,
	rows_adjusted JSONB DEFAULT '{}' NOT NULL,
	labels BIGINT,
	label_coverage DOUBLE PRECISION,
	newest_knowledge_time TIMESTAMP WITH TIME ZONE,
	status TEXT NOT NULL,
	computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT window_key PRIMARY KEY (model_id, granularity, window_start),
	CONSTRAINT window_status_legal CHECK (status IN ('incomplete', 'complete')),
	CONSTRAINT window_label_coverage_finite CHECK (abs(label_coverage) < CAST('Infinity' AS DOUBLE PRECISION))
);

CREATE INDEX window_by_status ON monitoring."window" (model_id, status, window_start DESC);
COMMENT ON TABLE monitoring."window" IS 'State of every window; what is resumed, late or stale is decided by this table.';
COMMENT ON COLUMN monitoring."window".model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring."window".granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring."window".window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring."window".window_end IS 'First moment after the window, UTC.';
COMMENT ON COLUMN monitoring."window".partition_key IS 'Dagster''s name of the window.';
COMMENT ON COLUMN monitoring."window".rows_read IS 'Rows whose event time lies in the window; null until read.';
COMMENT ON COLUMN monitoring."window".rows_scored IS 'Rows that pass the filters and have a prediction.';
COMMENT ON COLUMN monitoring."window".rows_rejected IS 'Filter name -> rows it was the first to reject.';
COMMENT ON COLUMN monitoring."window".rows_adjusted IS 'What was mended on reading -> rows.';
COMMENT ON COLUMN monitoring."window".labels IS 'Scored rows with a label; null until labels were read.';
COMMENT ON COLUMN monitoring."window".label_coverage IS 'labels / rows_scored, 0 to 1; null without scored rows.';
COMMENT ON COLUMN monitoring."window".newest_knowledge_time IS 'Latest moment at which a label became known.';
COMMENT ON COLUMN monitoring."window".status IS 'complete: every layer was computed after all it is computed from.';
COMMENT ON COLUMN monitoring."window".computed_at IS 'When any layer of the window was last written, UTC.';
COMMENT ON COLUMN monitoring."window".computation_id IS 'The computation that last wrote to the window.';
CREATE TABLE monitoring.rows_outside_windows (
	model_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	rows BIGINT NOT NULL,
	counted_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT rows_outside_windows_key PRIMARY KEY (model_id, reason)
);

COMMENT ON TABLE monitoring.rows_outside_windows IS 'Rows of the source that belong to no window, reference or training period.';
COMMENT ON COLUMN monitoring.rows_outside_windows.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.rows_outside_windows.reason IS 'Where they lie, such as before_every_period or event_time_missing.';
COMMENT ON COLUMN monitoring.rows_outside_windows.rows IS 'How many rows of the source.';
COMMENT ON COLUMN monitoring.rows_outside_windows.counted_at IS 'When this number was first found, UTC.';
