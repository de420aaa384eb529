ALTER TABLE monitoring.model_quality ADD COLUMN class_name TEXT DEFAULT '' NOT NULL;
ALTER TABLE monitoring.model_quality DROP CONSTRAINT model_quality_key;
ALTER TABLE monitoring.model_quality ADD CONSTRAINT model_quality_key PRIMARY KEY (model_id, granularity, window_start, segment, metric, class_name, kind, model_version);
COMMENT ON COLUMN monitoring.model_quality.class_name IS 'The class a number is about; '''' for all classes.';
COMMENT ON COLUMN monitoring.model_quality.interval_low IS 'Lower end of the 95 % interval.';
COMMENT ON COLUMN monitoring.model_quality.interval_high IS 'Upper end of the 95 % interval.';

ALTER TABLE monitoring.column_dictionary DROP CONSTRAINT column_dictionary_role_legal;
ALTER TABLE monitoring.column_dictionary ADD CONSTRAINT column_dictionary_role_legal CHECK (role IN ('feature', 'monitored', 'prediction', 'probability', 'target'));
COMMENT ON COLUMN monitoring.column_dictionary.role IS 'What it is to the model: feature, monitored, prediction, probability, target.';

COMMENT ON COLUMN monitoring.model.task IS 'What it predicts: regression, binary or multiclass.';
