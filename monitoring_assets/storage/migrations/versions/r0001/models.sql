CREATE TABLE monitoring.model (
	model_id TEXT NOT NULL,
	description TEXT NOT NULL,
	task TEXT NOT NULL,
	classes TEXT[] DEFAULT '{}' NOT NULL,
	positive_class TEXT,
	granularity TEXT NOT NULL,
	time_zone TEXT NOT NULL,
	start_at TIMESTAMP WITH TIME ZONE NOT NULL,
	end_at TIMESTAMP WITH TIME ZONE,
	delay INTERVAL NOT NULL,
	late_after INTERVAL,
	owners TEXT[] DEFAULT '{}' NOT NULL,
	main_metric TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	retired_at TIMESTAMP WITH TIME ZONE,
	spec_hash TEXT NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT model_key PRIMARY KEY (model_id)
);

COMMENT ON TABLE monitoring.model IS 'Every monitored model, as its YAML declares it.';
COMMENT ON COLUMN monitoring.model.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.model.description IS 'What the model does.';
COMMENT ON COLUMN monitoring.model.task IS 'What it predicts: regression or classification.';
COMMENT ON COLUMN monitoring.model.classes IS 'Classes of a classifier, in the order of its probabilities.';
COMMENT ON COLUMN monitoring.model.positive_class IS 'The class that counts as positive; null if there is none.';
COMMENT ON COLUMN monitoring.model.granularity IS 'Length of its windows: hour, day, week or month.';
COMMENT ON COLUMN monitoring.model.time_zone IS 'IANA time zone in which windows are cut.';
COMMENT ON COLUMN monitoring.model.start_at IS 'First moment of its first window, UTC.';
COMMENT ON COLUMN monitoring.model.end_at IS 'First moment after its last window, UTC; null: no end.';
COMMENT ON COLUMN monitoring.model.delay IS 'How long after its end a window is computed.';
COMMENT ON COLUMN monitoring.model.late_after IS 'How long after its end a window without result counts as late; null: never.';
COMMENT ON COLUMN monitoring.model.owners IS 'E-mail addresses, or ''team:name''.';
COMMENT ON COLUMN monitoring.model.main_metric IS 'The quality metric shown first and judged.';
COMMENT ON COLUMN monitoring.model.enabled IS 'Whether windows are computed.';
COMMENT ON COLUMN monitoring.model.retired_at IS 'When its YAML was found removed, UTC; null while there.';
COMMENT ON COLUMN monitoring.model.spec_hash IS 'Fingerprint of its YAML.';
COMMENT ON COLUMN monitoring.model.updated_at IS 'When this row last changed, UTC.';
CREATE TABLE monitoring.column_dictionary (
	model_id TEXT NOT NULL,
	column_name TEXT NOT NULL,
	number BIGINT NOT NULL,
	kind TEXT NOT NULL,
	role TEXT NOT NULL,
	unit TEXT,
	CONSTRAINT column_dictionary_key PRIMARY KEY (model_id, column_name),
	CONSTRAINT column_dictionary_kind_legal CHECK (kind IN ('numerical', 'categorical')),
	CONSTRAINT column_dictionary_role_legal CHECK (role IN ('feature', 'monitored', 'prediction', 'target'))
);

COMMENT ON TABLE monitoring.column_dictionary IS 'Every column of every model.';
COMMENT ON COLUMN monitoring.column_dictionary.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.column_dictionary.column_name IS 'Our name of the column.';
COMMENT ON COLUMN monitoring.column_dictionary.number IS 'Place of the column, from 1.';
COMMENT ON COLUMN monitoring.column_dictionary.kind IS 'numerical or categorical.';
COMMENT ON COLUMN monitoring.column_dictionary.role IS 'feature, monitored, prediction or target.';
COMMENT ON COLUMN monitoring.column_dictionary.unit IS 'Unit of its values; null if not declared.';
CREATE TABLE monitoring.model_version (
	model_id TEXT NOT NULL,
	model_version TEXT NOT NULL,
	estimator TEXT NOT NULL,
	parameters JSONB NOT NULL,
	training_start TIMESTAMP WITH TIME ZONE NOT NULL,
	training_end TIMESTAMP WITH TIME ZONE NOT NULL,
	training_rows BIGINT NOT NULL,
	artifact_sha256 TEXT NOT NULL,
	library_versions JSONB NOT NULL,
	metrics JSONB NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT model_version_key PRIMARY KEY (model_id, model_version)
);

COMMENT ON TABLE monitoring.model_version IS 'Every trained version of every model.';
COMMENT ON COLUMN monitoring.model_version.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.model_version.model_version IS 'Name of the version, unique within the model.';
COMMENT ON COLUMN monitoring.model_version.estimator IS 'Kind of estimator.';
COMMENT ON COLUMN monitoring.model_version.parameters IS 'Parameters of the estimator.';
COMMENT ON COLUMN monitoring.model_version.training_start IS 'First moment of the rows it learned from, UTC.';
COMMENT ON COLUMN monitoring.model_version.training_end IS 'First moment after the rows it learned from, UTC.';
COMMENT ON COLUMN monitoring.model_version.training_rows IS 'Rows it learned from.';
COMMENT ON COLUMN monitoring.model_version.artifact_sha256 IS 'SHA-256 of its file in hex: artifact.sha256.';
COMMENT ON COLUMN monitoring.model_version.library_versions IS 'Library -> version it needs.';
COMMENT ON COLUMN monitoring.model_version.metrics IS 'Metric -> value when it was trained.';
COMMENT ON COLUMN monitoring.model_version.created_at IS 'When it was stored, UTC.';
CREATE TABLE monitoring.artifact (
	sha256 TEXT NOT NULL,
	content BYTEA NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT artifact_key PRIMARY KEY (sha256)
);

COMMENT ON TABLE monitoring.artifact IS 'Files of trained models, named by their fingerprint.';
COMMENT ON COLUMN monitoring.artifact.sha256 IS 'SHA-256 of the content in hex.';
COMMENT ON COLUMN monitoring.artifact.content IS 'The file, as skops wrote it.';
COMMENT ON COLUMN monitoring.artifact.created_at IS 'When it was stored, UTC.';
CREATE TABLE monitoring.deployment (
	model_id TEXT NOT NULL,
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
	model_version TEXT NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	decided_by TEXT NOT NULL,
	reason TEXT NOT NULL,
	CONSTRAINT deployment_key PRIMARY KEY (model_id, valid_from)
);

COMMENT ON TABLE monitoring.deployment IS 'Which version serves from when on; a deployment ends where the next one begins.';
COMMENT ON COLUMN monitoring.deployment.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.deployment.valid_from IS 'Event time from which on the version serves windows, UTC.';
COMMENT ON COLUMN monitoring.deployment.model_version IS 'The version that serves.';
COMMENT ON COLUMN monitoring.deployment.decided_at IS 'When it was decided, UTC.';
COMMENT ON COLUMN monitoring.deployment.decided_by IS 'Who or what decided.';
COMMENT ON COLUMN monitoring.deployment.reason IS 'Why, in a sentence.';
CREATE TABLE monitoring.planted_change (
	model_id TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	column_name TEXT NOT NULL,
	start_at TIMESTAMP WITH TIME ZONE NOT NULL,
	end_at TIMESTAMP WITH TIME ZONE,
	magnitude DOUBLE PRECISION NOT NULL,
	description TEXT NOT NULL,
	CONSTRAINT planted_change_key PRIMARY KEY (model_id, name),
	CONSTRAINT planted_change_magnitude_finite CHECK (abs(magnitude) < CAST('Infinity' AS DOUBLE PRECISION))
);

COMMENT ON TABLE monitoring.planted_change IS 'Ground truth of simulated sources: the changes that monitoring has to find.';
COMMENT ON COLUMN monitoring.planted_change.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.planted_change.name IS 'Name of the change.';
COMMENT ON COLUMN monitoring.planted_change.kind IS 'What kind of change it is.';
COMMENT ON COLUMN monitoring.planted_change.column_name IS 'Our name of the column that was changed; '''' if it is not one column.';
COMMENT ON COLUMN monitoring.planted_change.start_at IS 'First moment of the change, UTC.';
COMMENT ON COLUMN monitoring.planted_change.end_at IS 'First moment after the change, UTC; null: it stays.';
COMMENT ON COLUMN monitoring.planted_change.magnitude IS 'How large it is, in the unit the description names.';
COMMENT ON COLUMN monitoring.planted_change.description IS 'What was changed, in a sentence.';
CREATE TABLE monitoring.row_table (
	model_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	table_name TEXT NOT NULL,
	columns JSONB NOT NULL,
	prediction TEXT NOT NULL,
	shape_hash TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT row_table_key PRIMARY KEY (model_id, kind, version),
	CONSTRAINT row_table_name_once UNIQUE (table_name),
	CONSTRAINT row_table_kind_legal CHECK (kind IN ('predictions', 'labels', 'reference'))
);

COMMENT ON TABLE monitoring.row_table IS 'The typed tables of schema rows, and how our column names are spelt there.';
COMMENT ON COLUMN monitoring.row_table.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.row_table.kind IS 'What rows it holds: predictions, labels or reference.';
COMMENT ON COLUMN monitoring.row_table.version IS 'Shape of the rows, from 1; a new shape starts a new table.';
COMMENT ON COLUMN monitoring.row_table.table_name IS 'Name of the table in schema rows.';
COMMENT ON COLUMN monitoring.row_table.columns IS 'In order: [our name, physical name, type] of every column.';
COMMENT ON COLUMN monitoring.row_table.prediction IS 'Our name of the column that holds the prediction.';
COMMENT ON COLUMN monitoring.row_table.shape_hash IS 'Fingerprint of names and types.';
COMMENT ON COLUMN monitoring.row_table.created_at IS 'When the table was created, UTC.';
