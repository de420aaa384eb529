ALTER TABLE monitoring.computation ADD COLUMN source_fingerprint TEXT;
ALTER TABLE monitoring.computation ADD COLUMN source_stamp TEXT;
COMMENT ON COLUMN monitoring.computation.source_fingerprint IS 'Fingerprint of the rows read from the source; null if none were.';
COMMENT ON COLUMN monitoring.computation.source_stamp IS 'What tells cheaply that the source holds the same rows; null where nothing does.';
COMMENT ON COLUMN monitoring.computation.spec_hash IS 'Fingerprint of the part of the YAML that the layer depends on.';

ALTER TABLE monitoring."window" ADD COLUMN rows_by_version JSONB DEFAULT '{}' NOT NULL;
COMMENT ON COLUMN monitoring."window".rows_by_version IS 'Model version -> rows it scored.';

ALTER TABLE monitoring.quality_profile ADD COLUMN scored BIGINT;
COMMENT ON COLUMN monitoring.quality_profile.scored IS 'Rows of the segment with a prediction by any version; null if not counted.';

ALTER TABLE monitoring.model ADD COLUMN expected_label_delay INTERVAL;
ALTER TABLE monitoring.model ADD COLUMN mature_share DOUBLE PRECISION;
ALTER TABLE monitoring.model ADD CONSTRAINT model_mature_share_finite CHECK (abs(mature_share) < CAST('Infinity' AS DOUBLE PRECISION));
COMMENT ON COLUMN monitoring.model.expected_label_delay IS 'How long after a window''s end its labels should be there; null: not declared.';
COMMENT ON COLUMN monitoring.model.mature_share IS 'Label coverage below which quality is not judged, 0 to 1.';

-- What is there has been said since it was computed.
ALTER TABLE monitoring.model_quality ADD COLUMN recorded_at TIMESTAMP WITH TIME ZONE;
UPDATE monitoring.model_quality SET recorded_at = coalesce((SELECT finished_at FROM monitoring.computation WHERE computation.id = model_quality.computation_id), now());
ALTER TABLE monitoring.model_quality ALTER COLUMN recorded_at SET NOT NULL;
COMMENT ON COLUMN monitoring.model_quality.recorded_at IS 'Since when the table has said so, UTC.';

CREATE TABLE monitoring.label_watermark (
	model_id TEXT NOT NULL,
	knowledge_time TIMESTAMP WITH TIME ZONE NOT NULL,
	orphans BIGINT NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT label_watermark_key PRIMARY KEY (model_id)
);
COMMENT ON TABLE monitoring.label_watermark IS 'How far the labels that come late have been read.';
COMMENT ON COLUMN monitoring.label_watermark.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.label_watermark.knowledge_time IS 'Labels known until then have been looked at, UTC.';
COMMENT ON COLUMN monitoring.label_watermark.orphans IS 'Labels read so far whose id no stored prediction has.';
COMMENT ON COLUMN monitoring.label_watermark.updated_at IS 'When labels were last looked for, UTC.';

CREATE TABLE monitoring.segment (
	model_id TEXT NOT NULL,
	segment TEXT NOT NULL,
	number BIGINT NOT NULL,
	kind TEXT NOT NULL,
	column_name TEXT NOT NULL,
	value TEXT,
	CONSTRAINT segment_key PRIMARY KEY (model_id, segment),
	CONSTRAINT segment_kind_legal CHECK (kind IN ('expression', 'value', 'other', 'missing', 'model_version'))
);
COMMENT ON TABLE monitoring.segment IS 'The segments of every model; values of a column are only ever appended.';
COMMENT ON COLUMN monitoring.segment.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.segment.segment IS 'Name of the slice of rows, such as card or pickup_zone=74.';
COMMENT ON COLUMN monitoring.segment.number IS 'Place of the segment, from 1.';
COMMENT ON COLUMN monitoring.segment.kind IS 'How its rows are told: expression, value, other, missing, model_version.';
COMMENT ON COLUMN monitoring.segment.column_name IS 'The column whose values make it; '''' for an expression.';
COMMENT ON COLUMN monitoring.segment.value IS 'The value in text; null if it is not one value.';

CREATE TABLE monitoring.model_quality_history (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT NOT NULL,
	metric TEXT NOT NULL,
	class_name TEXT NOT NULL,
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
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
	superseded_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE INDEX model_quality_history_by_moment ON monitoring.model_quality_history (model_id, superseded_at, recorded_at, window_start);
COMMENT ON TABLE monitoring.model_quality_history IS 'What model_quality said before it said otherwise: for model_quality_as_of.';
COMMENT ON COLUMN monitoring.model_quality_history.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.model_quality_history.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.model_quality_history.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.model_quality_history.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.model_quality_history.metric IS 'Name of the number, such as mae.';
COMMENT ON COLUMN monitoring.model_quality_history.class_name IS 'The class a number is about; '''' for all classes.';
COMMENT ON COLUMN monitoring.model_quality_history.kind IS 'realised: measured against labels; estimated: without them.';
COMMENT ON COLUMN monitoring.model_quality_history.model_version IS 'Version that made the predictions; '''' if none did.';
COMMENT ON COLUMN monitoring.model_quality_history.value IS 'The number; null if the verdict says why.';
COMMENT ON COLUMN monitoring.model_quality_history.interval_low IS 'Lower end of the 95 % interval.';
COMMENT ON COLUMN monitoring.model_quality_history.interval_high IS 'Upper end of the 95 % interval.';
COMMENT ON COLUMN monitoring.model_quality_history.reference_value IS 'The same number on the reference.';
COMMENT ON COLUMN monitoring.model_quality_history.threshold IS 'Bound beyond which it is bad, in the metric''s own unit.';
COMMENT ON COLUMN monitoring.model_quality_history.labels IS 'Rows it was measured on.';
COMMENT ON COLUMN monitoring.model_quality_history.coverage IS 'Share of scored rows with a label, 0 to 1.';
COMMENT ON COLUMN monitoring.model_quality_history.verdict IS 'What the number means: ok, alarm, insufficient_data, labels_immature, undefined.';
COMMENT ON COLUMN monitoring.model_quality_history.reason IS 'Why the verdict is what it is, in a sentence.';
COMMENT ON COLUMN monitoring.model_quality_history.computation_id IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN monitoring.model_quality_history.recorded_at IS 'Since when the table has said so, UTC.';
COMMENT ON COLUMN monitoring.model_quality_history.superseded_at IS 'Until when the table has said so, UTC.';
