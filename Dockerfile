# One image for everything of ours in docker-compose.yml: migrations, code server, webserver, daemon.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DAGSTER_HOME=/var/lib/dagster \
    MONITORING_DATA_FOLDER=/data

# A fixed number, so that files in mounted folders can be given to it. The volume of Dagster's home
# takes its owner from the folder in the image.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin monitoring \
    && install --directory --owner=monitoring --group=monitoring "$DAGSTER_HOME" "$MONITORING_DATA_FOLDER"

WORKDIR /opt/monitoring_assets

# The packages that a running installation needs, at the versions of requirements.txt, in a layer of
# their own: it is built anew when these three files change, not with every change of the code.
COPY pyproject.toml requirements.txt ./
COPY monitoring_assets/__init__.py monitoring_assets/__init__.py
RUN touch README.md \
    && pip install --constraint requirements.txt hatchling \
    && pip install --constraint requirements.txt --no-build-isolation --editable ".[mlflow]"

COPY README.md CHANGELOG.md workspace.yaml ./
COPY monitoring_assets monitoring_assets
RUN python -m compileall -q monitoring_assets

USER monitoring
CMD ["monitoring-assets", "--help"]
