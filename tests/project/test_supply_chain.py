"""What others wrote comes in by its hash, and what goes out says what it is made of."""

from __future__ import annotations

import json
import re
import subprocess

import yaml

from tests.project.test_laws import ROOT, tracked

WORKFLOWS = {path: yaml.safe_load(path.read_text()) for path in tracked() if ".github/workflows/" in str(path)}
BOT = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
LOCKS = [path for path in tracked() if path.suffix == ".txt" and "requirements" in str(path)]


def test_every_action_of_a_workflow_is_pinned_by_its_commit():
    uses = [line for path in WORKFLOWS for line in path.read_text().splitlines() if "uses:" in line]
    assert len(uses) > 5
    assert [line for line in uses if not re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v[\d.]+$", line)] == []


def test_a_workflow_may_only_read_unless_it_signs_a_release():
    for path, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, path
        for job in workflow["jobs"].values():
            more = set(job.get("permissions", {"contents"})) - {"contents"}
            assert more == ({"id-token", "attestations"} if path.name == "release.yml" else set()), path


def test_every_lock_has_hashes_and_uv_is_locked_too():
    assert ROOT / "requirements" / "uv.txt" in LOCKS
    for path in LOCKS:
        pinned = re.findall(r"^[\w.-]+==.*?(?=^[\w.-]+==|\Z)", path.read_text(), re.MULTILINE | re.DOTALL)
        assert pinned, path
        assert [one for one in pinned if "--hash=sha256:" not in one] == [], path


def test_a_new_version_waits_two_weeks_wherever_it_comes_from():
    makefile = (ROOT / "Makefile").read_text()
    assert [line for line in makefile.splitlines() if "pip compile" in line] == re.findall("COMPILE = .*", makefile)
    assert re.search(r'^COMPILE = (?:.*\\\n)?.*--exclude-newer "2 weeks"', makefile, re.MULTILINE)
    assert [each["cooldown"] for each in BOT] == [{"default-days": 14}] * len(BOT)


def test_the_bot_proposes_new_versions_of_whatever_is_locked():
    looked_at = {place for each in BOT for place in each.get("directories", [each.get("directory")])}
    locks = [*LOCKS, *(path for path in tracked() if path.name == "package-lock.json")]
    assert looked_at == {"/", *(f"/{path.parent.relative_to(ROOT)}" for path in locks)}


def test_known_vulnerabilities_are_looked_up_each_week_in_all_that_ships():
    (weekly,) = (workflow for path, workflow in WORKFLOWS.items() if path.name == "weekly.yml")
    steps = [step.get("run") for job in weekly["jobs"].values() for step in job["steps"]]
    audit = subprocess.run(["make", "-n", "-C", str(ROOT), "audit"], check=True, capture_output=True, text=True).stdout
    assert "cron" in weekly[True]["schedule"][0]  # YAML reads `on` as true
    assert "make audit" in steps
    assert "pip-audit --strict --require-hashes" in audit
    assert [name for name in ("layers/shared", "layers/extras", "functions/pictures") if name not in audit] == []


def test_a_release_says_signed_of_which_commit_and_packages_it_was_made():
    (release,) = (workflow for path, workflow in WORKFLOWS.items() if path.name == "release.yml")
    (job,) = release["jobs"].values()
    signed = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/attest@")]
    assert signed == [
        {"subject-path": "dist/*.tar.gz"},
        {"subject-path": "dist/*.tar.gz", "sbom-path": "dist/sbom.json"},
    ]


def test_no_package_of_npm_runs_a_script_when_it_is_installed():
    texts = {path: path.read_text() for path in tracked() if path.name in {"Makefile", "chromium.py"}}
    found = [line for text in texts.values() for line in text.splitlines() if re.search(r"\bci\b.*--silent", line)]
    assert len(found) == 2
    assert [line for line in found if "--ignore-scripts" not in line] == []


def test_the_bill_of_materials_of_a_release_names_every_package_that_ships():
    subprocess.run(["make", "-C", str(ROOT), "sbom"], check=True, capture_output=True)
    bill = json.loads((ROOT / "dist" / "sbom.json").read_text())
    named = {f"{part['name']}=={part['version']}" for part in bill["components"]}
    shipping = [ROOT / "layers/shared", ROOT / "layers/extras", ROOT / "functions/pictures"]
    texts = [(folder / "requirements.txt").read_text() for folder in shipping]
    assert bill["bomFormat"] == "CycloneDX"
    assert named == {pin for text in texts for pin in re.findall(r"^[\w.-]+==[\w.]+", text, re.MULTILINE)}
    assert all(part["externalReferences"][0]["hashes"] for part in bill["components"])
