//! Kubernetes manifests through every command.

use crate::shell::Folder;

const PLAN: &str = "
apiVersion: v1
kind: ConfigMap
metadata:
  name: plimsoll
  annotations:
    plimsoll.dev/config: |
      traffic: { arrival_rate: 20/s }
      horizon: 10s
      objectives: ['oom: p < 20%']
data: { REDIS_URL: 'redis://cache:6379' }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - name: web
          image: node:22
          command: [node, server.js]
          env: [{ name: REDIS_URL, value: 'redis://cache.shop.svc:6379' }]
          ports: [{ containerPort: 3000 }]
          resources: { limits: { memory: 900Mi }, requests: { memory: 200Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec: { type: LoadBalancer, selector: { app: api }, ports: [{ port: 80, targetPort: 3000 }] }
---
apiVersion: v1
kind: Service
metadata: { name: cache, namespace: shop }
spec: { selector: { app: cache }, ports: [{ port: 6379 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cache, namespace: shop }
spec:
  serviceName: cache
  selector: { matchLabels: { app: cache } }
  template:
    metadata: { labels: { app: cache } }
    spec:
      containers:
        - name: redis
          image: redis:7
          args: [redis-server, --maxmemory, 48mb, --maxmemory-policy, allkeys-lru]
          resources: { limits: { memory: 400Mi } }
";

#[test]
fn a_plan_is_judged_from_a_file_and_from_stdin() {
    let folder = Folder::with("k8s-check", "shop.yaml", PLAN);
    let report = folder.run(&["check", "shop.yaml", "--format", "json"]).expect(0).json();
    let names: Vec<_> = report["services"].as_array().expect("a list").iter().collect();
    assert_eq!((&names[0]["name"], &names[0]["replicas"]), (&"api".into(), &2.into()));
    assert_eq!(names[1]["limit_bytes"], 400 << 20);
    let ignored = report["ignored"].as_array().expect("a list");
    assert!(ignored.is_empty(), "{ignored:?}");
    let words = ["check", "-", "--format", "json"];
    let piped = folder.run_with_input(&words, PLAN.as_bytes()).expect(0).json();
    assert_eq!(piped["services"], report["services"]);
    let talk = folder.run(&["check", "shop.yaml"]).expect(0).talk();
    assert!(talk.contains("all 3 pods are placed on one node, the host"), "{talk}");
}

#[test]
fn requests_that_do_not_fit_are_found() {
    let folder = Folder::with("k8s-pending", "shop.yaml", PLAN.replace("200Mi", "800Mi"));
    let page = folder.run(&["check", "shop.yaml", "--target", "2gb"]).expect(1).out();
    assert!(page.contains("error PL004: pods request 1.95 GiB of memory"), "{page}");
    assert!(page.contains("never\n") || page.contains("never start"), "{page}");
}

#[test]
fn every_command_reads_manifests() {
    let folder = Folder::with("k8s-commands", "shop.yaml", PLAN);
    let inputs = folder.run(&["inspect", "shop.yaml", "--format", "json"]).expect(0).out();
    assert!(inputs.contains("\"services.cache.maxmemory\""), "{inputs}");
    folder.run(&["run", "shop.yaml"]).expect(3);
    folder.run(&["load-line", "shop.yaml", "--format", "json", "--for", "5s"]).expect(0);
    folder.write("head.yaml", PLAN.replace("replicas: 2", "replicas: 1"));
    let words = ["diff", "shop.yaml", "head.yaml", "--format", "json"];
    let answer = folder.run(&words).expect(0).out();
    assert!(answer.contains("services.api.replicas"), "{answer}");
}

#[test]
fn fit_writes_patches_that_name_the_workloads() {
    let folder = Folder::with("k8s-fit", "shop.yaml", PLAN);
    folder.run(&["fit", "shop.yaml", "--runs", "40", "--write"]).expect(0);
    let patch = folder.read("plimsoll.patch.yaml");
    let expected = "kind: StatefulSet\nmetadata:\n  name: cache\n  namespace: shop\nspec:\n  \
                    template:\n    spec:\n      containers:\n        - name: redis\n";
    assert!(patch.contains(expected) && patch.contains("        - name: web\n"), "{patch}");
    assert!(!patch.contains("change kind and names"), "{patch}");
    folder.run(&["fit", "shop.yaml", "--runs", "40", "--write", "--write-as", "compose"]).expect(0);
    assert!(folder.read("compose.plimsoll.yaml").contains("mem_limit"));
}

#[test]
fn what_is_wrong_stands_at_its_line() {
    let folder = Folder::with("k8s-wrong", "shop.yaml", PLAN.replace("900Mi", "900MB"));
    let talk = folder.run(&["check", "shop.yaml"]).expect(2).talk();
    assert!(talk.contains("shop.yaml:28:42") && talk.contains("write `900Mi`"), "{talk}");
}

#[test]
fn manifests_that_run_nothing_are_nothing_to_check() {
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {}\n";
    let folder = Folder::with("k8s-nothing", "c.yaml", config);
    let talk = folder.run(&["check", "c.yaml"]).expect(4).talk();
    assert!(talk.contains("nothing to check") && talk.contains("give the files with"), "{talk}");
    // What an object of an unknown kind runs cannot be judged.
    let cluster = "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {name: pg}\n";
    folder.write("c.yaml", config.to_owned() + cluster);
    let talk = folder.run(&["check", "c.yaml"]).expect(2).talk();
    assert!(talk.contains("no workload in the files") && talk.contains("`Cluster/pg`"), "{talk}");
}
