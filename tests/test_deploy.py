"""What operators copy is sound, and the documents name every setting and no other."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from serving import ROOT

from kg.settings import Settings
from web.metrics import Metrics

SETTINGS = {f"HEARSAY_{field.name.upper()}" for field in fields(Settings)}


def test_unit_is_understood_by_systemd(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze")
    unit = (ROOT / "deploy" / "hearsay.service").read_text(encoding="utf-8")
    # It names a place and a user of the machine that it is for.
    here = re.sub(r"^(User|Group)=hearsay$", r"\1=daemon", unit, flags=re.MULTILINE)
    here = here.replace("/opt/hearsay/.venv/bin/python", "/bin/true")
    here = re.sub(r"^Documentation=.*\n", "", here, flags=re.MULTILINE)
    (tmp_path / "hearsay.service").write_text(here, encoding="utf-8")
    command = ["systemd-analyze", "verify", str(tmp_path / "hearsay.service")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.mark.parametrize("name", ["deploy/hearsay.service", "deploy/Containerfile", "docs/operating.md"])
def test_settings_that_are_named_exist(name: str) -> None:
    named = set(re.findall(r"HEARSAY_[A-Z_]+", (ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert named <= SETTINGS


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8") + (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
    assert {name for name in SETTINGS if f"`{name}`" not in text} == set()


def test_every_metric_of_ours_that_is_documented_exists() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    own = {family.name for family in Metrics().registry.collect() if family.name.startswith("hearsay_http")}
    named = {name.removesuffix("_total") for name in re.findall(r"`(hearsay_http_[a-z_]+)", text)}
    assert named == own - {"hearsay_http_sent_bytes"}
