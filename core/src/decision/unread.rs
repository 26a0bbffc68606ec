//! Sizes that may stand in a file or flag that was seen and not read.

use super::tally::Tally;
use crate::catalog::Origin;
use crate::diagnostic::Location;
use crate::model::{Model, ServiceModel};
use crate::scenario::{Objective, Parameter};

/// What decides how much memory a service takes, whatever else is known of it.
const SIZES: [Parameter; 4] = [
    Parameter::HeapLimit,
    Parameter::SharedBuffers,
    Parameter::BufferPool,
    Parameter::MemoryProgram,
];

/// A file may state so many times the workers that are assumed (a guess: PHP-FPM's 5, or the one of Gunicorn, become
/// some dozens).
const MORE_WORKERS: u64 = 16;

/// Why an objective about memory cannot be said to hold: a setting was not read that says how much a service takes.
pub(super) fn reason(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    let name = objective.selector.as_deref();
    let is_meant =
        |service: &ServiceModel| !service.external && name.is_none_or(|name| name == service.name);
    let all = model.services.iter().enumerate().filter(|(_, service)| is_meant(service));
    let mut found = all.filter_map(|(id, service)| {
        let sizes = SIZES.iter().copied();
        let workers = Some(Parameter::Workers).filter(|_| matter(id, service, model, tally));
        let mut unread = sizes.chain(workers);
        unread.find_map(|one| Some((service, one, unread_at(service, one, model)?)))
    });
    let (service, parameter, at) = found.next()?;
    let (name, own) = (&service.name, parameter.name());
    Some(format!("nobody knows the `{own}` of {name}: the settings at {at} are not read: state it"))
}

/// Where a parameter may stand that was not read: its place is known, but not its value.
fn unread_at<'m>(
    service: &ServiceModel,
    parameter: Parameter,
    model: &'m Model,
) -> Option<&'m Location> {
    let origin = service.parameters.get(&parameter).map(|(_, origin)| *origin);
    let path = format!("services.{}.{}", service.name, parameter.name());
    model.provenance.get(&path).filter(|_| origin != Some(Origin::Declared))
}

/// Whether there is no room for many more workers than are assumed: those of nginx take next to nothing.
fn matter(id: usize, service: &ServiceModel, model: &Model, tally: &Tally) -> bool {
    let each = service.memory.worker.saturating_add(service.heap.map_or(0, |heap| heap.live));
    let more = each.saturating_mul(u64::from(service.workers)).saturating_mul(MORE_WORKERS - 1);
    let peaks = tally.runs.iter().map(|run| run.services[id].fullest.peak);
    let peak = peaks.max().unwrap_or(0);
    let host_peak = tally.runs.iter().map(|run| run.host_peak).max().unwrap_or(0);
    let limit = service.limit.unwrap_or(u64::MAX);
    let held = more.min(limit).saturating_mul(u64::from(service.replicas));
    let room = model.host.memory.saturating_add(model.host.swap);
    peak.saturating_add(more) > limit || host_peak.saturating_add(held) > room
}

#[cfg(test)]
mod tests {
    use crate::decision::{CheckOptions, Runs, check};
    use crate::import::{self, Sources};
    use crate::report::Verdict;

    fn verdict(name: &str, text: &str) -> (Verdict, String) {
        let draft = import::read(&Sources::single(name, text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        let options = CheckOptions { runs: Runs::Fixed(20), seed: 7, ..CheckOptions::default() };
        let report = check(&model, &options, &|_| {});
        (report.verdict, report.objectives[0].detail.clone().unwrap_or_default())
    }

    /// A plan with one service, on a host with plenty of memory.
    fn of(keys: &str) -> (Verdict, String) {
        verdict(
            "compose.yaml",
            &format!(
                "services: {{a: {{{keys}}}}}\n\
                 x-plimsoll: {{host: {{memory: 64GiB, cores: 2}}, objectives: ['oom: p < 90%']}}\n"
            ),
        )
    }

    #[test]
    fn a_size_that_was_not_read_leaves_the_verdict_open() {
        for (keys, parameter) in [
            ("image: 'mysql:8.0', mem_limit: 1g, volumes: ['./my.cnf:/etc/my.cnf']", "buffer_pool"),
            (
                "image: 'elasticsearch:8.13.4', mem_limit: 4g, volumes: \
              ['./o:/usr/share/elasticsearch/config/jvm.options.d/o.options']",
                "heap_limit",
            ),
            (
                "image: 'sonarqube:10', mem_limit: 6g, environment: {SONAR_SEARCH_JAVAOPTS: -Xmx2g}",
                "heap_limit",
            ),
            (
                "image: 'postgres:16', mem_limit: 1g, command: postgres -c config_file=/etc/pg.conf, \
              volumes: ['./pg.conf:/etc/pg.conf']",
                "shared_buffers",
            ),
            (
                "image: 'php:8.3-fpm', mem_limit: 512m, volumes: ['./w:/usr/local/etc/php-fpm.d/www.conf']",
                "workers",
            ),
        ] {
            let (said, why) = of(keys);
            assert_eq!(said, Verdict::Undecided, "{keys}: {why}");
            let start =
                format!("nobody knows the `{parameter}` of a: the settings at compose.yaml:1:");
            assert!(why.starts_with(&start), "{keys}: {why}");
        }
    }

    #[test]
    fn what_is_stated_or_does_not_matter_leaves_nothing_open() {
        for keys in [
            "image: 'mysql:8.0', mem_limit: 2g, volumes: ['./my.cnf:/etc/my.cnf'], x-plimsoll: {buffer_pool: 128MiB}",
            "image: 'nginx:1.27', mem_limit: 128m, volumes: ['./n.conf:/etc/nginx/nginx.conf']",
            "image: 'php:8.3-fpm', mem_limit: 32g, volumes: ['./w:/usr/local/etc/php-fpm.d/www.conf']",
            "image: 'varnish:7', mem_limit: 2g, command: 'varnishd -F -s main=malloc,1G'",
        ] {
            let (said, why) = of(keys);
            assert_eq!(said, Verdict::Fits, "{keys}: {why}");
        }
        let small = "image: 'varnish:7', mem_limit: 512m, command: 'varnishd -F -s malloc,1G'";
        let (said, why) = of(small);
        assert_ne!(said, Verdict::Fits, "{why}");
        assert!(why.contains("first: a, at its start"), "{why}");
    }

    #[test]
    fn a_config_map_with_the_settings_of_a_server_is_not_read_either() {
        let plan = |path: &str| {
            verdict(
                "pod.yaml",
                &format!(
                    "apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec: {{containers: [{{name: db, image: \
                     'mysql:8.0', resources: {{limits: {{memory: 1Gi}}}}, volumeMounts: [{{name: v, mountPath: \
                     {path}}}]}}], volumes: [{{name: v, configMap: {{name: c}}}}]}}\n---\napiVersion: v1\nkind: \
                     ConfigMap\nmetadata: {{name: c}}\ndata: {{my.cnf: 'innodb_buffer_pool_size=2G'}}\n"
                ),
            )
        };
        let (said, why) = plan("/etc/mysql/conf.d");
        assert_eq!(said, Verdict::Undecided, "{why}");
        assert!(why.contains("`buffer_pool` of db"), "{why}");
        assert_eq!(plan("/docker-entrypoint-initdb.d").1, "");
    }
}
