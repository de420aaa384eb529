-- Nothing has ever been written to these two.
DROP TABLE monitoring.retraining_decision;
DROP TABLE monitoring.notification;

CREATE TABLE monitoring.retraining_decision (
	id BIGINT GENERATED ALWAYS AS IDENTITY,
	model_id TEXT NOT NULL,
	episode_id BIGINT,
	cause TEXT NOT NULL,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	window_end TIMESTAMP WITH TIME ZONE NOT NULL,
	partition_key TEXT NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	decided_by TEXT NOT NULL,
	outcome TEXT NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	evidence JSONB NOT NULL,
	attempt BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	requested_at TIMESTAMP WITH TIME ZONE,
	run_id TEXT,
	model_version TEXT,
	result TEXT,
	result_reason TEXT,
	finished_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT retraining_decision_key PRIMARY KEY (id),
	CONSTRAINT retraining_decision_outcome_legal CHECK (outcome IN ('retrain', 'wait', 'ignore')),
	CONSTRAINT retraining_decision_code_legal CHECK (code IN ('alarm', 'by_hand', 'too_old', 'attempts_used', 'no_new_alarms', 'cool_down', 'blocked', 'few_labels')),
	CONSTRAINT retraining_decision_result_legal CHECK (result IN ('promoted', 'refused', 'awaits_approval', 'failed'))
);
CREATE UNIQUE INDEX retraining_attempt_once ON monitoring.retraining_decision (episode_id, attempt) WHERE episode_id IS NOT NULL AND outcome = 'retrain';
CREATE INDEX retraining_decision_by_model ON monitoring.retraining_decision (model_id, decided_at DESC);
CREATE UNIQUE INDEX retraining_decision_once ON monitoring.retraining_decision (episode_id, window_end, outcome, code) WHERE episode_id IS NOT NULL;
CREATE UNIQUE INDEX retraining_one_at_a_time ON monitoring.retraining_decision (model_id) WHERE outcome = 'retrain' AND result IS NULL;
COMMENT ON TABLE monitoring.retraining_decision IS 'One line for each retraining that was thought about.';
COMMENT ON COLUMN monitoring.retraining_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN monitoring.retraining_decision.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.retraining_decision.episode_id IS 'Episode it is about: episode.id; null if none.';
COMMENT ON COLUMN monitoring.retraining_decision.cause IS 'Verdict it is about; '''' for a decision by hand.';
COMMENT ON COLUMN monitoring.retraining_decision.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.retraining_decision.window_start IS 'First moment of the newest window looked at, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.window_end IS 'First moment after the newest window looked at, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.partition_key IS 'Dagster''s name of that window.';
COMMENT ON COLUMN monitoring.retraining_decision.decided_at IS 'The ''now'' it was decided with, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.decided_by IS 'Who or what decided.';
COMMENT ON COLUMN monitoring.retraining_decision.outcome IS 'retrain, wait or ignore.';
COMMENT ON COLUMN monitoring.retraining_decision.code IS 'Why, in a word: alarm, by_hand, too_old, attempts_used, no_new_alarms, cool_down, blocked, few_labels.';
COMMENT ON COLUMN monitoring.retraining_decision.reason IS 'Why, in a sentence.';
COMMENT ON COLUMN monitoring.retraining_decision.evidence IS 'The numbers as they were.';
COMMENT ON COLUMN monitoring.retraining_decision.attempt IS 'Which attempt of its episode this is, from 1.';
COMMENT ON COLUMN monitoring.retraining_decision.tries IS 'How often its run was asked for.';
COMMENT ON COLUMN monitoring.retraining_decision.requested_at IS 'When its run was asked for last, UTC; null: never.';
COMMENT ON COLUMN monitoring.retraining_decision.run_id IS 'Dagster run that worked on it last; null if none.';
COMMENT ON COLUMN monitoring.retraining_decision.model_version IS 'Version that came of it; null if none.';
COMMENT ON COLUMN monitoring.retraining_decision.result IS 'What came of a retraining; null as long as nothing has.';
COMMENT ON COLUMN monitoring.retraining_decision.result_reason IS 'Why that came of it, in a sentence.';
COMMENT ON COLUMN monitoring.retraining_decision.finished_at IS 'When that was known, UTC; null until then.';

CREATE TABLE monitoring.notification (
	id BIGINT GENERATED ALWAYS AS IDENTITY,
	model_id TEXT NOT NULL,
	episode_id BIGINT,
	decision_id BIGINT,
	kind TEXT NOT NULL,
	channel TEXT NOT NULL,
	message TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	sent_at TIMESTAMP WITH TIME ZONE,
	withheld TEXT,
	attempt BIGINT NOT NULL,
	tried_at TIMESTAMP WITH TIME ZONE,
	error TEXT,
	CONSTRAINT notification_key PRIMARY KEY (id),
	CONSTRAINT notification_kind_legal CHECK (kind IN ('opened', 'closed', 'retraining', 'promoted', 'refused', 'awaits_approval', 'failed'))
);
CREATE INDEX notification_by_model ON monitoring.notification (model_id, created_at DESC);
CREATE UNIQUE INDEX notification_of_decision_once ON monitoring.notification (decision_id, kind) WHERE decision_id IS NOT NULL;
CREATE UNIQUE INDEX notification_of_episode_once ON monitoring.notification (episode_id, kind) WHERE episode_id IS NOT NULL AND decision_id IS NULL;
COMMENT ON TABLE monitoring.notification IS 'One line for each message, sent or still to be sent.';
COMMENT ON COLUMN monitoring.notification.id IS 'Number of the message.';
COMMENT ON COLUMN monitoring.notification.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.notification.episode_id IS 'Episode it is about: episode.id; null if none.';
COMMENT ON COLUMN monitoring.notification.decision_id IS 'Decision it is about: retraining_decision.id; null if none.';
COMMENT ON COLUMN monitoring.notification.kind IS 'What it tells: opened, closed, retraining, promoted, refused, awaits_approval, failed.';
COMMENT ON COLUMN monitoring.notification.channel IS 'Where it goes.';
COMMENT ON COLUMN monitoring.notification.message IS 'What it says.';
COMMENT ON COLUMN monitoring.notification.created_at IS 'When it was written down, UTC.';
COMMENT ON COLUMN monitoring.notification.sent_at IS 'When the channel took it, UTC; null until then.';
COMMENT ON COLUMN monitoring.notification.withheld IS 'Why it is never sent; null if it is to be.';
COMMENT ON COLUMN monitoring.notification.attempt IS 'How often it was tried.';
COMMENT ON COLUMN monitoring.notification.tried_at IS 'When it was tried last, UTC; null: never.';
COMMENT ON COLUMN monitoring.notification.error IS 'What the channel answered to the last failed attempt; null if none.';

CREATE TABLE monitoring.training_set (
	decision_id BIGINT NOT NULL,
	model_id TEXT NOT NULL,
	training_start TIMESTAMP WITH TIME ZONE NOT NULL,
	training_end TIMESTAMP WITH TIME ZONE NOT NULL,
	windows TIMESTAMP WITH TIME ZONE[] NOT NULL,
	training_rows BIGINT NOT NULL,
	holdout_rows BIGINT NOT NULL,
	data_hash TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT training_set_key PRIMARY KEY (decision_id)
);
COMMENT ON TABLE monitoring.training_set IS 'The rows a retraining used.';
COMMENT ON COLUMN monitoring.training_set.decision_id IS 'Decision they were gathered for: retraining_decision.id.';
COMMENT ON COLUMN monitoring.training_set.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.training_set.training_start IS 'First moment of the oldest window, UTC.';
COMMENT ON COLUMN monitoring.training_set.training_end IS 'First moment after the newest window, UTC.';
COMMENT ON COLUMN monitoring.training_set.windows IS 'First moments of the windows whose rows were used, UTC.';
COMMENT ON COLUMN monitoring.training_set.training_rows IS 'Rows the candidate learns from.';
COMMENT ON COLUMN monitoring.training_set.holdout_rows IS 'Rows held out, on which champion and challenger are compared.';
COMMENT ON COLUMN monitoring.training_set.data_hash IS 'Fingerprint of all these rows.';
COMMENT ON COLUMN monitoring.training_set.created_at IS 'When it was stored, UTC.';

CREATE TABLE monitoring.model_comparison (
	decision_id BIGINT NOT NULL,
	segment TEXT DEFAULT 'all' NOT NULL,
	metric TEXT NOT NULL,
	model_id TEXT NOT NULL,
	champion_version TEXT NOT NULL,
	challenger_version TEXT NOT NULL,
	rows BIGINT NOT NULL,
	champion DOUBLE PRECISION,
	challenger DOUBLE PRECISION,
	gain DOUBLE PRECISION,
	gain_low DOUBLE PRECISION,
	gain_high DOUBLE PRECISION,
	reason TEXT,
	CONSTRAINT model_comparison_key PRIMARY KEY (decision_id, segment, metric),
	CONSTRAINT model_comparison_champion_finite CHECK (abs(champion) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_comparison_challenger_finite CHECK (abs(challenger) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_comparison_gain_finite CHECK (abs(gain) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_comparison_gain_low_finite CHECK (abs(gain_low) < CAST('Infinity' AS DOUBLE PRECISION)),
	CONSTRAINT model_comparison_gain_high_finite CHECK (abs(gain_high) < CAST('Infinity' AS DOUBLE PRECISION))
);
COMMENT ON TABLE monitoring.model_comparison IS 'Champion and challenger on the same rows.';
COMMENT ON COLUMN monitoring.model_comparison.decision_id IS 'Decision it was made for: retraining_decision.id.';
COMMENT ON COLUMN monitoring.model_comparison.segment IS 'Named slice of the rows; ''all'' is every row that passes the model''s filters.';
COMMENT ON COLUMN monitoring.model_comparison.metric IS 'Quality metric.';
COMMENT ON COLUMN monitoring.model_comparison.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.model_comparison.champion_version IS 'Version that was deployed.';
COMMENT ON COLUMN monitoring.model_comparison.challenger_version IS 'Version that was to take its place.';
COMMENT ON COLUMN monitoring.model_comparison.rows IS 'Rows held out that both were measured on.';
COMMENT ON COLUMN monitoring.model_comparison.champion IS 'The champion''s number; null if it has none.';
COMMENT ON COLUMN monitoring.model_comparison.challenger IS 'The challenger''s number; null if it has none.';
COMMENT ON COLUMN monitoring.model_comparison.gain IS 'How much better the challenger is, as a share of the champion''s number.';
COMMENT ON COLUMN monitoring.model_comparison.gain_low IS 'Lower end of the gain''s interval; null but for the deciding metric.';
COMMENT ON COLUMN monitoring.model_comparison.gain_high IS 'Upper end of the gain''s interval; null but for the deciding metric.';
COMMENT ON COLUMN monitoring.model_comparison.reason IS 'Why a number is missing; null if none is.';

CREATE TABLE monitoring.mute (
	model_id TEXT NOT NULL,
	muted_until TIMESTAMP WITH TIME ZONE NOT NULL,
	muted_by TEXT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT mute_key PRIMARY KEY (model_id)
);
COMMENT ON TABLE monitoring.mute IS 'Models of which no message is sent for a while.';
COMMENT ON COLUMN monitoring.mute.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.mute.muted_until IS 'Until when no message of the model is sent, UTC.';
COMMENT ON COLUMN monitoring.mute.muted_by IS 'Who asked for it.';
COMMENT ON COLUMN monitoring.mute.created_at IS 'When it was asked for, UTC.';

COMMENT ON COLUMN monitoring.episode.cause IS 'Verdict that opened it, such as dataset_drift, drift/column or quality/mae.';

ALTER TABLE monitoring.model_version ADD COLUMN decision_id BIGINT;
COMMENT ON COLUMN monitoring.model_version.decision_id IS 'Decision it was trained for: retraining_decision.id; null for the first version.';
ALTER TABLE monitoring.model_version ADD COLUMN data_hash TEXT;
COMMENT ON COLUMN monitoring.model_version.data_hash IS 'Fingerprint of the rows it learned from; null if unknown.';
ALTER TABLE monitoring.model_version ADD COLUMN mirrored_as TEXT;
COMMENT ON COLUMN monitoring.model_version.mirrored_as IS 'Run in MLflow that mirrors it; null as long as none does.';
ALTER TABLE monitoring.deployment ADD COLUMN decision_id BIGINT;
COMMENT ON COLUMN monitoring.deployment.decision_id IS 'Decision that it carries out: retraining_decision.id; null if none.';
ALTER TABLE monitoring.reference ADD COLUMN for_model_version TEXT;
COMMENT ON COLUMN monitoring.reference.for_model_version IS 'Version whose windows are compared with it; null: the reference that the YAML names.';
CREATE UNIQUE INDEX model_version_of_decision_once ON monitoring.model_version (decision_id) WHERE decision_id IS NOT NULL;
