"""Every table, column, key, index and comment of schema `monitoring`, declared once.

Belongs here: SQLAlchemy Core tables, one module for each group. Migrations, writers, readers,
Grafana's views and the documentation derive from them. Stays out: statements, connections, and the
typed row tables of schema `rows`, whose columns are known only when a model is (row_tables.py).

No table has a foreign key: rows are written in one transaction with their computation, slices are
replaced whole, and checking a reference for each of millions of rows would buy nothing.
"""

from monitoring_assets.storage.tables.base import METADATA as METADATA
from monitoring_assets.storage.tables.ledger import computation as computation
from monitoring_assets.storage.tables.ledger import label_watermark as label_watermark
from monitoring_assets.storage.tables.ledger import rows_outside_windows as rows_outside_windows
from monitoring_assets.storage.tables.ledger import window as window
from monitoring_assets.storage.tables.models import artifact as artifact
from monitoring_assets.storage.tables.models import column_dictionary as column_dictionary
from monitoring_assets.storage.tables.models import deployment as deployment
from monitoring_assets.storage.tables.models import model as model
from monitoring_assets.storage.tables.models import model_version as model_version
from monitoring_assets.storage.tables.models import planted_change as planted_change
from monitoring_assets.storage.tables.models import row_table as row_table
from monitoring_assets.storage.tables.models import segment as segment
from monitoring_assets.storage.tables.profiles import quality_profile as quality_profile
from monitoring_assets.storage.tables.profiles import window_profile as window_profile
from monitoring_assets.storage.tables.references import bins as bins
from monitoring_assets.storage.tables.references import reference as reference
from monitoring_assets.storage.tables.references import reference_profile as reference_profile
from monitoring_assets.storage.tables.results import data_quality as data_quality
from monitoring_assets.storage.tables.results import dataset_drift as dataset_drift
from monitoring_assets.storage.tables.results import drift_score as drift_score
from monitoring_assets.storage.tables.results import model_quality as model_quality
from monitoring_assets.storage.tables.results import model_quality_history as model_quality_history
from monitoring_assets.storage.tables.retraining import episode as episode
from monitoring_assets.storage.tables.retraining import model_comparison as model_comparison
from monitoring_assets.storage.tables.retraining import mute as mute
from monitoring_assets.storage.tables.retraining import notification as notification
from monitoring_assets.storage.tables.retraining import retraining_decision as retraining_decision
from monitoring_assets.storage.tables.retraining import training_set as training_set
