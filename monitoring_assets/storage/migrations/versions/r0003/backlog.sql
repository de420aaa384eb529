CREATE VIEW grafana.label_backlog AS SELECT monitoring.model.model_id, monitoring.model.granularity, monitoring.model.expected_label_delay, monitoring.model.mature_share, count(monitoring."window".window_start) AS windows, min(monitoring."window".window_start) AS oldest_window_start, max(monitoring."window".window_start) AS newest_window_start, CAST(coalesce(sum(monitoring."window".rows_scored - monitoring."window".labels), 0) AS BIGINT) AS labels_missing
FROM monitoring.model LEFT OUTER JOIN monitoring."window" ON monitoring."window".model_id = monitoring.model.model_id AND monitoring."window".granularity = monitoring.model.granularity AND monitoring."window".status = 'complete' AND monitoring."window".window_end + monitoring.model.expected_label_delay <= now() AND monitoring."window".label_coverage < monitoring.model.mature_share
WHERE monitoring.model.retired_at IS NULL AND monitoring.model.expected_label_delay IS NOT NULL GROUP BY monitoring.model.model_id;
COMMENT ON VIEW "grafana"."label_backlog" IS 'One line for each model that says how late its labels come: complete windows that should have had enough of them by now.';
COMMENT ON COLUMN "grafana"."label_backlog"."model_id" IS 'Folder name of the monitored model.';
COMMENT ON COLUMN "grafana"."label_backlog"."granularity" IS 'Length of its windows: hour, day, week or month.';
COMMENT ON COLUMN "grafana"."label_backlog"."expected_label_delay" IS 'How long after a window''s end its labels should be there; null: not declared.';
COMMENT ON COLUMN "grafana"."label_backlog"."mature_share" IS 'Label coverage below which quality is not judged, 0 to 1.';
COMMENT ON COLUMN "grafana"."label_backlog"."windows" IS 'Windows past their expected delay with a label coverage below mature_share.';
COMMENT ON COLUMN "grafana"."label_backlog"."oldest_window_start" IS 'First moment of the oldest of these windows, UTC; null if none.';
COMMENT ON COLUMN "grafana"."label_backlog"."newest_window_start" IS 'First moment of the newest of these windows, UTC; null if none.';
COMMENT ON COLUMN "grafana"."label_backlog"."labels_missing" IS 'Scored rows of these windows that have no label.';
