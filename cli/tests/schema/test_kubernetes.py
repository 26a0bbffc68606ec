"""What `fit --write-as kubernetes` writes, laid over manifests the way kustomize does it."""

import json
import os
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"

PLAN = """
version: 1
services:
  backend_api: {memory: 2GiB, replicas: 3, cpus: 2, memory_program: 40MiB, memory_worker: 30MiB, calls: [cache]}
  cache: {profile: redis, memory: 400MiB, maxmemory: 48MiB, eviction: allkeys-lru}
traffic: {arrival_rate: 20/s}
horizon: 10s
objectives: ['oom: p < 20%']
"""

MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: backend-api, labels: {app: backend}}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: proxy
          image: nginx:1.27
          resources: {limits: {memory: 64Mi}}
        - name: backend-api
          image: example/backend:latest
          env: [{name: DB_POOL_MAX_SIZE, value: "20"}]
          resources:
            requests: {cpu: 500m, memory: 512Mi}
            limits: {cpu: 2000m, memory: 2Gi}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    spec:
      containers:
        - name: cache
          image: redis:7
"""


def merged(old, new):
    """A strategic merge: mappings by key, containers by name, all else replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: merged(old.get(key), value) for key, value in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        patches = {item["name"]: item for item in new}
        assert patches.keys() <= {item["name"] for item in old}, "a patch adds no container"
        return [merged(item, patches.get(item["name"], {})) for item in old]
    return new


def patched(folder, *words):
    """The manifests after the patch, by name, and the answer that was written."""
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    write = ["--write", "--write-as", "kubernetes", "--format", "json"]
    command = [PROGRAM, "fit", "plan.yaml", "--runs", "40", "--no-config", *write, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    manifests = {one["metadata"]["name"]: one for one in yaml.safe_load_all(MANIFESTS)}
    text = (folder / "plimsoll.patch.yaml").read_text(encoding="utf-8")
    for patch in yaml.safe_load_all(text):
        name = patch["metadata"]["name"]
        assert [patch["apiVersion"], patch["kind"]] == ["apps/v1", "Deployment"]
        manifests[name] = merged(manifests[name], patch)
    return manifests, json.loads(done.stdout), text


def container(manifest, name):
    containers = manifest["spec"]["template"]["spec"]["containers"]
    return next(one for one in containers if one["name"] == name)


def mebibytes(quantity):
    assert quantity.endswith("Mi")
    return int(quantity[:-2])


def test_limits_and_requests_are_what_was_found_and_the_rest_stays(tmp_path):
    manifests, answer, _ = patched(tmp_path)
    proposed = {one["service"]: one["memory"]["proposed_bytes"] >> 20 for one in answer["proposals"]}
    backend = container(manifests["backend-api"], "backend-api")
    resources = backend["resources"]
    assert mebibytes(resources["limits"]["memory"]) == proposed["backend_api"] < 2048
    assert resources["requests"]["memory"] == resources["limits"]["memory"]
    assert (resources["limits"]["cpu"], resources["requests"]["cpu"]) == ("2000m", "500m")
    assert backend["env"] and backend["image"] == "example/backend:latest"
    assert container(manifests["backend-api"], "proxy")["resources"]["limits"]["memory"] == "64Mi"
    assert manifests["backend-api"]["spec"]["replicas"] == 3
    cache = container(manifests["cache"], "cache")["resources"]
    assert mebibytes(cache["limits"]["memory"]) == proposed["cache"] < 400


def test_the_patched_manifests_hold_the_objectives(tmp_path):
    manifests, _, _ = patched(tmp_path)
    names = {"backend_api": "backend-api", "cache": "cache"}
    limits = []
    for service, name in names.items():
        memory = container(manifests[name], name)["resources"]["limits"]["memory"]
        limits += ["--set", f"services.{service}.memory={memory}B"]
    command = [PROGRAM, "check", "plan.yaml", "--seed", "7", "--no-config", *limits]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_replicas_and_cores_are_set_and_the_rest_is_said(tmp_path):
    vary = ["--vary", "services.backend_api.replicas=2,3", "--vary", "services.backend_api.cpus=0.5"]
    manifests, _, text = patched(tmp_path, *vary, "--vary", "services.cache.maxmemory=32MiB")
    assert manifests["backend-api"]["spec"]["replicas"] == 2
    limits = container(manifests["backend-api"], "backend-api")["resources"]["limits"]
    assert limits["cpu"] == "500m"
    assert "# and by hand: services.cache.maxmemory = 32MiB" in text
