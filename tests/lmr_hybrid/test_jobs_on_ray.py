"""A job on Ray: the rows of the local engine, also when a machine is lost in the middle of it."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from job_program import NamesOnlyChoice
from jobs_toys import ROOT, message, parts_in, rejects_of, rows_of, wait_until, write_lines

from lmr_hybrid.jobs import JobReport, JobSettings, run_job

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
#: All in the loopback range; Ray takes 127.0.0.1 for the machine's address in its network.
ADDRESS = "127.0.0.2"


def node() -> dict[str, Any]:
    """What a node needs; ports that are given need not be waited for, which a busy machine is too slow for."""
    sockets = [socket.socket() for _ in range(4)]
    for each in sockets:
        each.bind((ADDRESS, 0))
    names = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
    ports = {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}
    for each in sockets:
        each.close()
    return {
        "node_ip_address": ADDRESS,
        "include_dashboard": False,
        "include_log_monitor": False,
        "no_monitor": True,
        "object_store_memory": 100_000_000,
        **ports,
    }


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without processors, connected to; the test adds the nodes that work."""
    from ray.cluster_utils import Cluster

    here = str(Path(__file__).parent)
    for name, value in (
        ("RAY_USAGE_STATS_ENABLED", "0"),
        ("RAY_agent_register_timeout_ms", "300000"),
        ("RAY_raylet_start_wait_time_s", "300"),
        ("PYTHONPATH", os.pathsep.join([str(ROOT), here])),
    ):
        monkeypatch.setenv(name, value)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **node()})
    try:
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_a_lost_node_loses_no_row(cluster: Any, tmp_path: Path) -> None:
    for name in ("a", "b"):
        lines = [b"{broken" if n % 97 == 5 else {"id": n, "text": message(n)} for n in range(900)]
        write_lines(tmp_path / "in" / f"{name}.jsonl", lines)
    settings = JobSettings(part_rows=20, to="jsonl")
    run_job(tmp_path / "in", tmp_path / "local", choice=NamesOnlyChoice(operating_point="0"), settings=settings)

    nodes = [cluster.add_node(num_cpus=1, wait=False, **node()) for _ in range(3)]
    cluster.wait_for_nodes(300)
    ray.init(address=cluster.address, _node_ip_address=ADDRESS, log_to_driver=False)
    reports: list[JobReport | BaseException] = []

    def work() -> None:
        try:
            choice = NamesOnlyChoice(operating_point="0.5")
            reports.append(run_job(tmp_path / "in", tmp_path / "ray", choice=choice, settings=settings, engine="ray"))
        except BaseException as error:
            reports.append(error)

    job = threading.Thread(target=work)
    job.start()
    assert wait_until(lambda: ((tmp_path / "ray").exists() and parts_in(tmp_path / "ray") >= 8) or bool(reports))
    before = parts_in(tmp_path / "ray")
    assert before < 90, "the job was over too soon"
    cluster.remove_node(nodes[0], allow_graceful=False)
    job.join(timeout=400)
    (report,) = reports
    assert isinstance(report, JobReport), report
    assert (report.rows, report.unread) == (1800, ())
    assert rows_of(tmp_path / "ray") == rows_of(tmp_path / "local")
    assert rejects_of(tmp_path / "ray") == rejects_of(tmp_path / "local")
    assert {path.name for path in (tmp_path / "ray").glob("part-*")} == {
        path.name for path in (tmp_path / "local").glob("part-*")
    }
