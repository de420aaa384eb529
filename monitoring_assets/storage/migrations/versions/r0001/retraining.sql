CREATE TABLE monitoring.episode (
	id BIGINT GENERATED ALWAYS AS IDENTITY,
	model_id TEXT NOT NULL,
	cause TEXT NOT NULL,
	segment TEXT NOT NULL,
	first_window TIMESTAMP WITH TIME ZONE NOT NULL,
	last_window TIMESTAMP WITH TIME ZONE NOT NULL,
	alarming_windows BIGINT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	closed_by TEXT,
	reason TEXT NOT NULL,
	CONSTRAINT episode_key PRIMARY KEY (id)
);

CREATE UNIQUE INDEX episode_open_once ON monitoring.episode (model_id, cause, segment) WHERE closed_at IS NULL;
COMMENT ON TABLE monitoring.episode IS 'A run of alarming windows of one cause, from the first until recovery or promotion.';
COMMENT ON COLUMN monitoring.episode.id IS 'Number of the episode.';
COMMENT ON COLUMN monitoring.episode.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.episode.cause IS 'Layer whose verdicts opened it: data_drift, data_quality or model_quality.';
COMMENT ON COLUMN monitoring.episode.segment IS 'Named slice of the rows whose verdicts opened it.';
COMMENT ON COLUMN monitoring.episode.first_window IS 'Start of its first alarming window, UTC.';
COMMENT ON COLUMN monitoring.episode.last_window IS 'Start of its newest alarming window, UTC.';
COMMENT ON COLUMN monitoring.episode.alarming_windows IS 'Alarming windows from first to last.';
COMMENT ON COLUMN monitoring.episode.opened_at IS 'When it was opened, UTC.';
COMMENT ON COLUMN monitoring.episode.closed_at IS 'When it was closed, UTC; null while open.';
COMMENT ON COLUMN monitoring.episode.closed_by IS 'recovery or promotion; null while open.';
COMMENT ON COLUMN monitoring.episode.reason IS 'Why it was opened, in a sentence.';
CREATE TABLE monitoring.retraining_decision (
	id BIGINT GENERATED ALWAYS AS IDENTITY,
	model_id TEXT NOT NULL,
	episode_id BIGINT,
	granularity TEXT NOT NULL,
	window_start TIMESTAMP WITH TIME ZONE NOT NULL,
	window_end TIMESTAMP WITH TIME ZONE NOT NULL,
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
	outcome TEXT NOT NULL,
	reason TEXT NOT NULL,
	evidence JSONB NOT NULL,
	attempt BIGINT NOT NULL,
	run_id TEXT,
	model_version TEXT,
	CONSTRAINT retraining_decision_key PRIMARY KEY (id),
	CONSTRAINT retraining_decision_outcome_legal CHECK (outcome IN ('retrain', 'wait', 'ignore'))
);

CREATE INDEX retraining_decision_by_model ON monitoring.retraining_decision (model_id, decided_at DESC);
COMMENT ON TABLE monitoring.retraining_decision IS 'One line for each retraining that was thought about.';
COMMENT ON COLUMN monitoring.retraining_decision.id IS 'Number of the decision.';
COMMENT ON COLUMN monitoring.retraining_decision.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.retraining_decision.episode_id IS 'Episode it is about: episode.id; null if none.';
COMMENT ON COLUMN monitoring.retraining_decision.granularity IS 'Length of the window: hour, day, week or month.';
COMMENT ON COLUMN monitoring.retraining_decision.window_start IS 'First moment of the newest window looked at, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.window_end IS 'First moment after the newest window looked at, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.decided_at IS 'The ''now'' it was decided with, UTC.';
COMMENT ON COLUMN monitoring.retraining_decision.outcome IS 'retrain, wait or ignore.';
COMMENT ON COLUMN monitoring.retraining_decision.reason IS 'Why, in a sentence.';
COMMENT ON COLUMN monitoring.retraining_decision.evidence IS 'The numbers as they were.';
COMMENT ON COLUMN monitoring.retraining_decision.attempt IS 'Which attempt of its episode this is, from 1.';
COMMENT ON COLUMN monitoring.retraining_decision.run_id IS 'Dagster run that it started; null if none.';
COMMENT ON COLUMN monitoring.retraining_decision.model_version IS 'Version that came of it; null if none.';
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
	attempt BIGINT NOT NULL,
	error TEXT,
	CONSTRAINT notification_key PRIMARY KEY (id)
);

CREATE INDEX notification_by_model ON monitoring.notification (model_id, created_at DESC);
COMMENT ON TABLE monitoring.notification IS 'One line for each message, sent or still to be sent.';
COMMENT ON COLUMN monitoring.notification.id IS 'Number of the message.';
COMMENT ON COLUMN monitoring.notification.model_id IS 'Folder name of the monitored model.';
COMMENT ON COLUMN monitoring.notification.episode_id IS 'Episode it is about: episode.id; null if none.';
COMMENT ON COLUMN monitoring.notification.decision_id IS 'Decision it is about: retraining_decision.id; null if none.';
COMMENT ON COLUMN monitoring.notification.kind IS 'What it tells: opened, closed, retraining, promoted, refused or failed.';
COMMENT ON COLUMN monitoring.notification.channel IS 'Where it goes.';
COMMENT ON COLUMN monitoring.notification.message IS 'What it says.';
COMMENT ON COLUMN monitoring.notification.created_at IS 'When it was written down, UTC.';
COMMENT ON COLUMN monitoring.notification.sent_at IS 'When the channel took it, UTC; null until then.';
COMMENT ON COLUMN monitoring.notification.attempt IS 'How often it was tried.';
COMMENT ON COLUMN monitoring.notification.error IS 'What the channel answered to the last failed attempt; null if none.';
