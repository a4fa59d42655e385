"""What is in `deploy/` is true of the code: variables, commands, units, metrics and versions."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from argparse import ArgumentError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.http.bounded_connections import HEADER_SECONDS
from leads.commands.command_line import build_parser
from leads.config.settings import Settings, load_settings
from leads.database.engine import ENGINE_OPTIONS
from leads.models.enums import AlertKind
from tests.support import caddy
from tests.support.source_files import ROOT, nodes_of

DEPLOY = ROOT / "deploy"
PAGES = sorted(DEPLOY.rglob("*.md"))
UNITS = sorted((DEPLOY / "systemd").glob("ringback*"))
UNIT_NAME = re.compile(r"\bringback-[a-z]+(?:@(?:\d+)?)?|\bringback\.target")
VARIABLE = re.compile(r"^#? ?([A-Z][A-Z_]+)=", re.MULTILINE)
OURS = re.compile(r"RINGBACK_|CADDY_|POSTGRES_|PYTHON_IMAGE")
MUST_BE_SET = {"PUBLIC_URL", "DATABASE_URL", "SECRET_KEY", "METRICS_TOKEN"} | {
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
}
BY_UNITS = {"ROLE", "HOST", "PORT", "HOME"}
NO_SETTINGS = {"HOME", "PATH"}
COMMAND = re.compile(r"(?:python -m leads|(?:^|(?<=[;|'] )|(?<=`))ringback) ([a-z][^\n`|;]*)")
FILLED = {
    "RINGBACK_DOMAIN": "desk.example.org",
    "CADDY_EMAIL": "you@example.org",
    "RINGBACK_COOKIE_KEY": "k" * 32,
}


def read_variables(path: Path) -> set[str]:
    return set(VARIABLE.findall(path.read_text("utf-8")))


def known_variables() -> set[str]:
    """Return the names that `leads/config` asks the environment for, as its source has them."""
    strings = {
        node.value
        for path in (ROOT / "leads/config").glob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {one for one in strings if re.fullmatch(r"[A-Z]{2,}(_[A-Z]+)*", one)} - {"POST"}


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text("utf-8"))


def words_of_pages() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = page.read_text("utf-8")
        yield from ((page, line[4:]) for line in text.splitlines() if line.startswith("    "))
        yield from ((page, quoted) for quoted in re.findall(r"`([^`\n]+)`", text))


def test_every_variable_that_is_deployed_is_one_that_the_code_asks_for() -> None:
    files = (DEPLOY / "ringback.env.example", DEPLOY / "compose/.env.example")
    named = {name for path in files for name in read_variables(path)}
    for service in compose()["services"].values():
        named |= set(service.get("environment", {}))
    for unit in UNITS:
        for line in re.findall(r"^Environment=(.*)$", unit.read_text("utf-8"), re.MULTILINE):
            named |= {pair.partition("=")[0] for pair in line.split()}
    assert {name for name in named if not OURS.match(name)} - NO_SETTINGS <= known_variables()
    quoted = {
        name for _, line in words_of_pages() for name in re.findall(r"\b[A-Z]+_[A-Z_]+\b", line)
    }
    assert {name for name in quoted if not OURS.match(name)} <= known_variables()


def test_every_variable_of_the_code_is_told_to_operators_and_what_must_be_set_is_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {name for name in known_variables() if f"`{name}`" not in readme} == set()
    assert read_variables(DEPLOY / "ringback.env.example") >= MUST_BE_SET
    in_containers = read_variables(DEPLOY / "compose/.env.example")
    in_containers |= set(compose()["services"]["web1"]["environment"])
    assert in_containers >= MUST_BE_SET | {"FORWARDED_ALLOW_IPS", "ROLE"}


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_example_of_settings_is_understood_once_its_blanks_are_filled(
    tmp_path: Path, role: str
) -> None:
    text = (DEPLOY / "ringback.env.example").read_text("utf-8")
    for name, value in {
        "SECRET_KEY": "k" * 44,
        "METRICS_TOKEN": "m" * 64,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t" * 32,
    }.items():
        assert f"\n{name}=\n" in text
        text = text.replace(f"\n{name}=\n", f"\n{name}={value}\n")
    (tmp_path / ".env").write_text(text)
    settings = load_settings({"ROLE": role, "PORT": "8601"}, dotenv=tmp_path / ".env")
    assert settings.public_url == "https://callbacks.example.org"
    assert settings.database_url.startswith("postgresql+psycopg:///ringback?host=")
    assert settings.secret_keys
    assert settings.metrics_token


def test_the_proxy_is_told_all_that_its_file_asks_for() -> None:
    text = caddy.CADDYFILE.read_text("utf-8")
    asked = set(re.findall(r"\{\$(\w+)(?::[^}]*)?\}", text))
    needed = set(re.findall(r"\{\$(\w+)\}", text))
    told = read_variables(DEPLOY / "caddy/caddy.env.example")
    in_containers = set(compose()["services"]["proxy"]["environment"])
    assert needed <= told <= asked
    assert needed <= in_containers <= asked
    assert f"read_header {HEADER_SECONDS:.0f}s" in text
    assert "keepalive off" in text


@pytest.mark.skipif(caddy.find_caddy() is None, reason=caddy.MISSING)
def test_the_proxy_understands_its_file(tmp_path: Path) -> None:
    command = [caddy.find_caddy() or "", "validate", "--adapter", "caddyfile", "--config"]
    environment = FILLED | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(
        [*command, caddy.CADDYFILE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_that_a_page_names_is_understood() -> None:
    parser = build_parser()
    named = [
        (page, match[1]) for page, line in words_of_pages() for match in COMMAND.finditer(line)
    ]
    assert len(named) > 20
    for page, words in named:
        try:
            parser.parse_args(shlex.split(words.partition(" #")[0]))
        except (SystemExit, ArgumentError):
            pytest.fail(f"{page.name}: {words}")


def test_every_unit_that_is_named_is_there_and_understood(tmp_path: Path) -> None:
    there = {re.sub(r"\.(service|timer)$", "", unit.name) for unit in UNITS}
    named = {name for _, line in words_of_pages() for name in UNIT_NAME.findall(line)}
    named |= set(UNIT_NAME.findall((DEPLOY / "systemd/ringback.target").read_text("utf-8")))
    named = {re.sub(r"@\d*$", "@", name) for name in named} - {"ringback-cookie", "ringback-web"}
    assert named - {"ringback-worker"} <= there
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        return
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(
            "/opt/ringback/current/.venv/bin/python", sys.executable
        )
        (tmp_path / unit.name.replace("@.", "@8501.")).write_text(text)
    units = sorted(str(one) for one in tmp_path.glob("ringback*"))
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "ringback" in line]
    assert (done.returncode, complaints) == (0, [])


def test_every_metric_and_alert_that_a_page_names_is_there_and_every_rule_has_its_night() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus/alert-rules.yml").read_text("utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    monitoring = (ROOT / "docs/monitoring.md").read_text("utf-8")
    for page in PAGES:
        text = page.read_text("utf-8")
        assert set(re.findall(r"\bRingback[A-Z]\w+", text)) <= alerts, page
        assert {
            name
            for name in re.findall(r"\bringback_[a-z]\w+", text)
            if f"`{name}`" not in monitoring
        } - {"ringback_new"} == set()
        for words in re.findall(r"alerts? ((?:`[a-z_]+`(?:, | or | and )?)+)", text):
            assert set(re.findall(r"`([a-z_]+)`", words)) <= {*AlertKind}, page
    night = (DEPLOY / "runbook.md").read_text("utf-8")
    assert {alert for alert in alerts if f"`{alert}`" not in night} == set()


def test_the_containers_are_the_processes_that_the_proxy_knows() -> None:
    services = compose()["services"]
    web = services["proxy"]["environment"]["RINGBACK_WEB"].split()
    assert [name.partition(":")[0] for name in web] == [
        name
        for name, service in services.items()
        if service.get("environment", {}).get("ROLE") == "web"
    ]
    address = services["proxy"]["networks"]["desk"]["ipv4_address"]
    assert services["web1"]["environment"]["FORWARDED_ALLOW_IPS"] == address
    assert services["worker"]["deploy"]["replicas"] >= 2
    for service in services.values():
        image = service["image"]
        assert image == "ringback" or image.startswith("${"), "a digest stands in .env"
    image = (DEPLOY / "compose/Containerfile").read_text("utf-8")
    assert re.search(r"postgresql-client-(\d+)", image)[1] in _read_value("POSTGRES_IMAGE")
    assert "--require-hashes" in image
    assert "\nUSER 10001\n" in image


def _read_value(name: str) -> str:
    text = (DEPLOY / "compose/.env.example").read_text("utf-8")
    return re.search(rf"^{name}=(.*)$", text, re.MULTILINE)[1]


def test_every_connection_of_four_processes_has_room_in_the_database() -> None:
    each = ENGINE_OPTIONS["pool_size"] + ENGINE_OPTIONS["max_overflow"] + 1  # and one that listens
    text = (DEPLOY / "postgresql/ringback.conf").read_text("utf-8")
    room = int(re.search(r"max_connections = (\d+)", text)[1])
    assert room >= 4 * each + 10
    assert f"max_connections={room}" in compose()["services"]["database"]["command"]
    assert f"{each} connections" in text


def test_every_package_is_installed_by_its_hash_and_in_the_version_that_is_tested() -> None:
    lock = (DEPLOY / "requirements.lock").read_text("utf-8")
    locked = re.findall(
        r"^([\w.-]+)==([^ ]+)(?: ;[^\\]*)? \\\n    --hash=sha256:", lock, re.MULTILINE
    )
    assert len(locked) == len(re.findall(r"^\S", lock, re.MULTILINE))
    wanted = re.findall(
        r"^([\w.-]+)(?:\[\w+\])?==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    assert [one for one in wanted if one not in locked] == []


def test_every_file_of_ours_that_a_page_names_is_there_and_scripts_are_shell() -> None:
    for page, line in words_of_pages():
        for name in re.findall(r"(?<![\w/.])deploy/[\w./@-]+\w(?![\w*])", line):
            assert (ROOT / name).exists(), (page, name)
    for script in [*(DEPLOY / "bin").iterdir(), DEPLOY / "compose/pin-images"]:
        assert subprocess.run(["/bin/sh", "-n", script], check=False).returncode == 0
        assert script.stat().st_mode & 0o111


def test_settings_of_units_are_no_others_than_the_code_has() -> None:
    for unit in UNITS:
        for role in re.findall(r"\bROLE=(\w+)", unit.read_text("utf-8")):
            assert role in ("web", "worker")
    assert Settings().host == "127.0.0.1"
