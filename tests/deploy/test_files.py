"""The files of `deploy/`: right by their schemas, and agreeing with the product."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from kubernetes_validate.utils import validate

from bot.serving.alone import DIALOGUE_SETTINGS
from bot.settings import PROJECT_ROOT, Settings

DEPLOY = PROJECT_ROOT / "deploy"
KUBERNETES = "1.37.0"
SETTINGS = {f"NAVI_{name.upper()}" for name in Settings.model_fields}


def resources() -> Iterator[dict[str, Any]]:
    """Every object of the Kubernetes example."""
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def pods() -> list[dict[str, Any]]:
    return [r for r in resources() if r["kind"] in ("Deployment", "StatefulSet", "Job")]


@pytest.mark.parametrize(
    "resource", list(resources()), ids=lambda r: f"{r['kind']}-{r['metadata']['name']}"
)
def test_an_object_fits_kubernetes_schema(resource: dict[str, Any]) -> None:
    validate(resource, KUBERNETES, strict=True)


def test_compose_fits_its_schema() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(compose(), json.loads(schema.read_text(encoding="utf-8")))


def test_every_setting_that_is_named_exists() -> None:
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file():
            named = set(re.findall(r"\bNAVI_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
            assert named <= SETTINGS, path


def test_no_secret_stands_in_a_file() -> None:
    secrets = {
        f"NAVI_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if "Secret" in str(field.annotation)
    }
    for resource in resources():
        assert resource["kind"] != "Secret"
        assert not secrets & set(resource.get("data", {}))
    for line in (DEPLOY / ".env.compose.example").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        assert not value or (name not in secrets and "PASSWORD" not in name), name
    for service in compose()["services"].values():
        for name, value in service.get("environment", {}).items():
            if name in secrets or "PASSWORD" in name:
                assert "${" in str(value), name


@pytest.mark.parametrize("resource", pods(), ids=lambda r: r["metadata"]["name"])
def test_a_pod_is_bounded_and_has_no_rights(resource: dict[str, Any]) -> None:
    pod = resource["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    [container] = pod["containers"]
    assert container["resources"]["requests"] and container["resources"]["limits"]["memory"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    if resource["kind"] != "Job":
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


def test_the_dialogue_servers_are_those_that_the_apps_are_told() -> None:
    found = {(r["kind"], r["metadata"]["name"]): r for r in resources()}
    servers = found["StatefulSet", "navi-dialogue"]["spec"]
    told = found["ConfigMap", "navi-app"]["data"]["NAVI_DIALOGUE_URL"].split(",")
    name = servers["serviceName"]
    names = [f"http://navi-dialogue-{n}.{name}:5005" for n in range(servers["replicas"])]
    assert told == names
    services = compose()["services"]
    hosts = [s for s in services if s.startswith("dialogue-")]
    asked = services["app-1"]["environment"]["NAVI_DIALOGUE_URL"]
    assert asked == ",".join(f"http://{host}:5005" for host in hosts)


def given_to(resource: dict[str, Any]) -> set[str]:
    """The settings that a pod is given; a whole secret stands as its own name."""
    [container] = resource["spec"]["template"]["spec"]["containers"]
    maps = {r["metadata"]["name"]: set(r["data"]) for r in resources() if r["kind"] == "ConfigMap"}
    names = {variable["name"] for variable in container.get("env", [])}
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            names |= maps[source["configMapRef"]["name"]]
        else:
            names.add(f"all of {source['secretRef']['name']}")
    for variable in container.get("env", []):
        # A secret under another's name would pass for it.
        key = variable.get("valueFrom", {}).get("secretKeyRef", {}).get("key", variable["name"])
        assert key == variable["name"]
    return names


def test_only_the_apps_are_given_the_secrets_of_the_apps() -> None:
    """No secret of members, LINE, mail or staff reaches a dialogue server or the migration."""
    pod = {resource["metadata"]["name"]: given_to(resource) for resource in pods()}
    apps = {"all of navi-shared-secrets", "all of navi-app-secrets"}
    assert apps < pod["navi-app"]
    assert {"NAVI_DATABASE_URL", "NAVI_REDIS_URL", "NAVI_DIALOGUE_SECRET"} < pod["navi-dialogue"]
    assert pod["navi-dialogue"] <= DIALOGUE_SETTINGS
    assert pod["navi-migrate"] == {"NAVI_DATABASE_URL"}
    [dialogue] = [r for r in pods() if r["metadata"]["name"] == "navi-dialogue"]
    [container] = dialogue["spec"]["template"]["spec"]["containers"]
    sources = [v["valueFrom"]["secretKeyRef"] for v in container["env"] if "valueFrom" in v]
    assert {source["name"] for source in sources} == {
        "navi-shared-secrets",
        "navi-dialogue-secrets",
    }
    assert {"name": "navi-dialogue-secrets", "key": "NAVI_DATABASE_URL"} in sources


def test_compose_gives_the_apps_secrets_to_the_apps_alone() -> None:
    for name, service in compose()["services"].items():
        given = set(service.get("environment", {}))
        if name.startswith("app-"):
            assert service["env_file"] == [".env"]
            continue
        assert "env_file" not in service, name
        assert not service.get("secrets") or name == "balancer"
        if name.startswith("dialogue-"):
            assert {"NAVI_DATABASE_URL", "NAVI_DIALOGUE_SECRET"} < given <= DIALOGUE_SETTINGS
            url = service["environment"]["NAVI_DATABASE_URL"]
            assert url.startswith("postgresql://navi_dialogue:"), "the owner reads everything"
        elif name == "migrate":
            assert given == {"NAVI_DATABASE_URL"}
        else:
            assert not {n for n in given if n.startswith("NAVI_")}, name


def test_apps_and_dialogue_servers_are_told_the_same() -> None:
    """A retention or a deadline that only one side knows would break a promise."""
    both = {"NAVI_RETENTION_DAYS", "NAVI_TURN_DEADLINE"}
    pod = {resource["metadata"]["name"]: given_to(resource) for resource in pods()}
    assert both < pod["navi-app"] and both < pod["navi-dialogue"]
    services = compose()["services"]
    for name in both:
        values = {services[host]["environment"][name] for host in ("app-1", "dialogue-1")}
        assert len(values) == 1, name


def test_the_copied_paths_are_there() -> None:
    said = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", said, flags=re.MULTILINE):
        for name in line.split()[:-1]:
            assert (PROJECT_ROOT / name).exists(), name
            assert f"!{name}" in ignored, name


def test_nginx_takes_the_balancers_file(tmp_path: Path) -> None:
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("the program nginx is missing (Debian: nginx-light)")
    certificate = tmp_path / "tls.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=navi"]
    made += ["-days", "1", "-keyout", str(certificate), "-out", str(tmp_path / "c.pem")]
    subprocess.run(made, check=True, capture_output=True)
    said = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    said = re.sub(r"server app-(\d):", r"server 127.0.0.\1:", said)
    said = said.replace("/run/secrets/tls_certificate", str(tmp_path / "c.pem"))
    said = said.replace("/run/secrets/tls_key", str(certificate))
    said = said.replace("/etc/nginx/routes.conf", str(DEPLOY / "nginx" / "routes.conf"))
    said = said.replace("/tmp/nginx.pid", str(tmp_path / "pid"))
    (tmp_path / "nginx.conf").write_text(said, encoding="utf-8")
    command = [program, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "syntax is ok" in done.stderr, done.stderr
