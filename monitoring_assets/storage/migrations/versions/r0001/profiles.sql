CREATE TABLE monitoring.window_profile (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	column_name TEXT NOT NULL,
	bins_version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	rows BIGINT NOT NULL,
	missing BIGINT NOT NULL,
	positive_infinite BIGINT NOT NULL,
	negative_infinite BIGINT NOT NULL,
	minimum DOUBLE PRECISION,
	maximum DOUBLE PRECISION,
	moment_1 DOUBLE PRECISION NOT NULL,
	moment_2 DOUBLE PRECISION NOT NULL,
	counts INTEGER[] NOT NULL,
	outside BIGINT NOT NULL,
	quantiles JSONB,
	computation_id BIGINT NOT NULL,
	CONSTRAINT window_profile_key PRIMARY KEY (model_id, granularity, window_start, segment, column_name),
	CONSTRAINT window_profile_minimum_finite CHECK (abs(minimum) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT window_profile_maximum_finite CHECK (abs(maximum) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT window_profile_moment_1_finite CHECK (abs(moment_1) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT window_profile_moment_2_finite CHECK (abs(moment_2) < CAST('Infinity' AS DOUBLE PRECISION))
);

CREATE INDEX window_profile_by_column ON monitoring.window_profile (model_id, segment, column_name, window_start);
COMMENT ON TABLE monitoring.window_profile IS 'What was counted of one column in one window and segment.';
COMMENT ON COLUMN monitoring.window_profile.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.window_profile.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.window_profile.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.window_profile.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.window_profile.column_name IS 'Our name of the column.';
COMMENT ON COLUMN monitoring.window_profile.bins_version IS 'Bins it was counted by; two versions are never compared.';
COMMENT ON COLUMN monitoring.window_profile.kind IS 'numerical or categorical: the kind of these bins.';
COMMENT ON COLUMN monitoring.window_profile.rows IS 'Rows counted, with and without a value.';
COMMENT ON COLUMN monitoring.window_profile.missing IS 'Rows without a value.';
COMMENT ON COLUMN monitoring.window_profile.positive_infinite IS 'Rows whose value is plus infinity.';
COMMENT ON COLUMN monitoring.window_profile.negative_infinite IS 'Rows whose value is minus infinity.';
COMMENT ON COLUMN monitoring.window_profile.minimum IS 'Smallest finite value; null without one.';
COMMENT ON COLUMN monitoring.window_profile.maximum IS 'Largest finite value; null without one.';
COMMENT ON COLUMN monitoring.window_profile.moment_1 IS 'Sum of (value - frozen centre) over finite values.';
COMMENT ON COLUMN monitoring.window_profile.moment_2 IS 'Sum of their squares; 0 for categories.';
COMMENT ON COLUMN monitoring.window_profile.counts IS 'Rows in each bin or category of these bins, in their order.';
COMMENT ON COLUMN monitoring.window_profile.outside IS 'Finite values outside the reference''s range, or in no category.';
COMMENT ON COLUMN monitoring.window_profile.quantiles IS 'Name -> exact quantile of the finite values; these do not add up.';
COMMENT ON COLUMN monitoring.window_profile.computation_id IS 'The computation that wrote this row: computation.id.';
CREATE TABLE monitoring.quality_profile (
	model_id TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	model_version TEXT NOT NULL,
	labels BIGINT NOT NULL,
	sums JSONB NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT quality_profile_key PRIMARY KEY (model_id, granularity, window_start, segment, model_version)
);

COMMENT ON TABLE monitoring.quality_profile IS 'Sums over predictions and labels of one window, from which quality is computed.';
COMMENT ON COLUMN monitoring.quality_profile.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.quality_profile.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.quality_profile.window_start IS 'First moment of the window, UTC.';
COMMENT ON COLUMN monitoring.quality_profile.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.quality_profile.model_version IS 'Version that made the predictions.';
COMMENT ON COLUMN monitoring.quality_profile.labels IS 'Rows with both prediction and label.';
COMMENT ON COLUMN monitoring.quality_profile.sums IS 'Name of an additive sum over these rows -> its value.';
COMMENT ON COLUMN monitoring.quality_profile.computation_id IS 'The computation that wrote this row: computation.id.';
CREATE TABLE monitoring.reference (
	model_id TEXT NOT NULL,
	reference_version INTEGER NOT NULL,
	period_start TIMESTAMP WITH TIME ZONE NOT NULL,
	period_end TIMESTAMP WITH TIME ZONE NOT NULL,
	rows BIGINT NOT NULL,
	model_version TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	quality JSONB NOT NULL,
	computation_id BIGINT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT reference_key PRIMARY KEY (model_id, reference_version)
);

COMMENT ON TABLE monitoring.reference IS 'The rows that normal is measured from, version by version.';
COMMENT ON COLUMN monitoring.reference.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.reference.reference_version IS 'Version of the reference, from 1.';
COMMENT ON COLUMN monitoring.reference.period_start IS 'First moment of its rows, UTC.';
COMMENT ON COLUMN monitoring.reference.period_end IS 'First moment after its rows, UTC.';
COMMENT ON COLUMN monitoring.reference.rows IS 'Rows it was measured from.';
COMMENT ON COLUMN monitoring.reference.model_version IS 'Version whose predictions its rows carry.';
COMMENT ON COLUMN monitoring.reference.fingerprint IS 'Changes when its rows or the way they are counted change.';
COMMENT ON COLUMN monitoring.reference.quality IS 'Quality metric -> value on these rows.';
COMMENT ON COLUMN monitoring.reference.computation_id IS 'The computation that wrote this row: computation.id.';
COMMENT ON COLUMN monitoring.reference.created_at IS 'When it was stored, UTC.';
CREATE TABLE monitoring.bins (
	model_id TEXT NOT NULL,
	column_name TEXT NOT NULL,
	bins_version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	edges DOUBLE PRECISION[],
	coarse_groups BIGINT[],
	categories TEXT[],
	cap BIGINT,
	centre DOUBLE PRECISION,
	scale DOUBLE PRECISION,
	is_discrete BOOLEAN,
	CONSTRAINT bins_key PRIMARY KEY (model_id, column_name, bins_version),
	CONSTRAINT bins_kind_legal CHECK (kind IN ('numerical', 'categorical')),
	CONSTRAINT bins_centre_finite CHECK (abs(centre) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT bins_scale_finite CHECK (abs(scale) < CAST('Infinity' AS DOUBLE PRECISION))
);

COMMENT ON TABLE monitoring.bins IS 'How the values of a column are counted: frozen edges or a growing list of categories.';
COMMENT ON COLUMN monitoring.bins.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.bins.column_name IS 'Our name of the column.';
COMMENT ON COLUMN monitoring.bins.bins_version IS 'Version of this column''s bins, from 1.';
COMMENT ON COLUMN monitoring.bins.kind IS 'numerical or categorical.';
COMMENT ON COLUMN monitoring.bins.edges IS 'Edges between bins, ascending; bin i is (edge i-1, edge i]; null for categories.';
COMMENT ON COLUMN monitoring.bins.coarse_groups IS 'Coarse group of each fine bin, for divergences; null for categories.';
COMMENT ON COLUMN monitoring.bins.categories IS 'Categories in the order of counts, only ever appended to; null for numbers.';
COMMENT ON COLUMN monitoring.bins.cap IS 'Most categories that are told apart; null for numbers.';
COMMENT ON COLUMN monitoring.bins.centre IS 'Frozen centre of the moments; null for categories.';
COMMENT ON COLUMN monitoring.bins.scale IS 'Robust scale of the reference; null for categories or if it has none.';
COMMENT ON COLUMN monitoring.bins.is_discrete IS 'One bin for each value; null for categories.';
CREATE TABLE monitoring.reference_profile (
	model_id TEXT NOT NULL,
	reference_version INTEGER NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	column_name TEXT NOT NULL,
	bins_version INTEGER NOT NULL,
	kind TEXT NOT NULL,
	rows BIGINT NOT NULL,
	missing BIGINT NOT NULL,
	positive_infinite BIGINT NOT NULL,
	negative_infinite BIGINT NOT NULL,
	minimum DOUBLE PRECISION,
	maximum DOUBLE PRECISION,
	moment_1 DOUBLE PRECISION NOT NULL,
	moment_2 DOUBLE PRECISION NOT NULL,
	counts INTEGER[] NOT NULL,
	outside BIGINT NOT NULL,
	quantiles JSONB,
	null_ladder JSONB DEFAULT '{}' NOT NULL,
	computation_id BIGINT NOT NULL,
	CONSTRAINT reference_profile_key PRIMARY KEY (model_id, reference_version, segment, column_name),
	CONSTRAINT reference_profile_minimum_finite CHECK (abs(minimum) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT reference_profile_maximum_finite CHECK (abs(maximum) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT reference_profile_moment_1_finite CHECK (abs(moment_1) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT reference_profile_moment_2_finite CHECK (abs(moment_2) < CAST('Infinity' AS DOUBLE PRECISION))
);

COMMENT ON TABLE monitoring.reference_profile IS 'What was counted of one column of the reference.';
COMMENT ON COLUMN monitoring.reference_profile.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.reference_profile.reference_version IS 'Version of the reference.';
COMMENT ON COLUMN monitoring.reference_profile.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.reference_profile.column_name IS 'Our name of the column.';
COMMENT ON COLUMN monitoring.reference_profile.bins_version IS 'Bins it was counted by; two versions are never compared.';
COMMENT ON COLUMN monitoring.reference_profile.kind IS 'numerical or categorical: the kind of these bins.';
COMMENT ON COLUMN monitoring.reference_profile.rows IS 'Rows counted, with and without a value.';
COMMENT ON COLUMN monitoring.reference_profile.missing IS 'Rows without a value.';
COMMENT ON COLUMN monitoring.reference_profile.positive_infinite IS 'Rows whose value is plus infinity.';
COMMENT ON COLUMN monitoring.reference_profile.negative_infinite IS 'Rows whose value is minus infinity.';
COMMENT ON COLUMN monitoring.reference_profile.minimum IS 'Smallest finite value; null without one.';
COMMENT ON COLUMN monitoring.reference_profile.maximum IS 'Largest finite value; null without one.';
COMMENT ON COLUMN monitoring.reference_profile.moment_1 IS 'Sum of (value - frozen centre) over finite values.';
COMMENT ON COLUMN monitoring.reference_profile.moment_2 IS 'Sum of their squares; 0 for categories.';
COMMENT ON COLUMN monitoring.reference_profile.counts IS 'Rows in each bin or category of these bins, in their order.';
COMMENT ON COLUMN monitoring.reference_profile.outside IS 'Finite values outside the reference''s range, or in no category.';
COMMENT ON COLUMN monitoring.reference_profile.quantiles IS 'Name -> exact quantile of the finite values; these do not add up.';
COMMENT ON COLUMN monitoring.reference_profile.null_ladder IS 'Method -> what a quiet window scores, on a ladder of window sizes.';
COMMENT ON COLUMN monitoring.reference_profile.computation_id IS 'The computation that wrote this row: computation.id.';
