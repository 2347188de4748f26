"""What Prometheus and Grafana are given: read by Prometheus' own tool, and held against the hub."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from hub.metrics import Metrics, Standing
from tests.deploy.composed import REPOSITORY, service
from tests.deploy.programs import needed

MONITORING: Final = REPOSITORY / "monitoring"
GRAFANA: Final = REPOSITORY / "deploy" / "grafana"


def test_prometheus_takes_settings_and_rules(made: Path, tmp_path: Path) -> None:
    """With the files where the container has them: its paths are moved below a folder."""
    prometheus = service("prometheus", made)
    for inside, (path, _) in prometheus.mounts.items():
        moved = tmp_path / inside[1:]
        for source in [path] if path.is_file() else path.iterdir():
            target = moved if path.is_file() else moved / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text("utf-8")
            target.write_text(re.sub(r"(?<=[ \[])/(etc|run)/", rf"{tmp_path}/\1/", text))
    for name, path in prometheus.secrets.items():
        target = tmp_path / "run" / "secrets" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    said = subprocess.run(
        [needed("promtool"), "check", "config", tmp_path / "etc/prometheus/prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert re.search(r"SUCCESS: \d+ rules found", said.stdout)


def test_the_hub_has_every_metric_that_is_asked_for() -> None:
    standing = Standing(datetime.now(UTC), (), {}, (), broker=True)
    told = set(re.findall(r"# TYPE (hub_\w+) ", Metrics().text(standing).decode()))
    for name in ("grafana.json", "alerts.yaml"):
        asked = set(re.findall(r"\bhub_\w+", (MONITORING / name).read_text("utf-8")))
        assert asked, name
        assert {re.sub(r"_(bucket|sum|count)$", "", each) for each in asked} <= told, name


def test_grafana_finds_the_dashboard_and_the_figures() -> None:
    """Two services of docker-compose.yml have to agree on paths and names."""
    dashboards = YAML(typ="safe").load((GRAFANA / "dashboards.yaml").read_text("utf-8"))
    [provider] = dashboards["providers"]
    mounts = service("grafana", REPOSITORY).mounts
    assert mounts[f"{provider['options']['path']}/hub.json"][0] == MONITORING / "grafana.json"
    sources = YAML(typ="safe").load((GRAFANA / "datasource.yaml").read_text("utf-8"))
    [source] = sources["datasources"]
    assert source["url"] == "http://prometheus:9090"
    dashboard = json.loads((MONITORING / "grafana.json").read_text("utf-8"))
    [variable] = dashboard["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", source["type"])
