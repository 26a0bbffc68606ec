//! What workers share with a master that has loaded the application before it forked (gunicorn's
//! `--preload`), and when they copy it.

use super::service::application;
use super::setting::Settings;
use crate::scenario::Parameter;

/// Objects between two collections of CPython's middle generation: more than 10 of the youngest, each
/// after more than 700 (`Modules/gcmodule.c` up to 3.12).
const MIDDLE: f64 = 11.0 * 701.0;
/// Middle collections before a full one, at the least (the same file).
const MIDDLES: f64 = 11.0;
/// A full collection also waits until the objects that middle ones have passed on are this share of
/// those that the last one left (the same file, `long_lived_pending`).
const PENDING: f64 = 0.25;
/// Bytes of a loaded application for each object that the collector tracks. Measured on CPython 3.11 with
/// Django 4.2, its admin, Flask, and both with pandas, SymPy and SQLAlchemy: 650 to 840.
const BYTES_PER_OBJECT: f64 = 730.0;

/// Where the code of a service lies, in bytes.
pub(super) struct Loaded {
    /// Its master.
    pub(super) master: u64,
    /// Each worker when it has started.
    pub(super) worker: u64,
    /// What a worker still shares with the master.
    pub(super) shared: u64,
    /// The request with which a worker's first full garbage collection comes; 0: none comes.
    pub(super) collected_after: u32,
}

/// A master that preloads holds the code once; a worker is a copy of it whose pages are shared
/// until they are written, which reference counts and start-up do to some of them at once.
pub(super) fn loaded(settings: &Settings) -> Loaded {
    let master = settings.bytes(Parameter::MemoryProgram);
    let has_heap = settings.bytes(Parameter::HeapLive) > 0;
    let own = settings.bytes(Parameter::MemoryWorker);
    let application = if has_heap { 0 } else { application(settings, Parameter::MemoryWorker) };
    if !settings.flag(Parameter::Preload) {
        return Loaded { master, worker: own + application, shared: 0, collected_after: 0 };
    }
    let code = (own as f64 * settings.ratio(Parameter::PreloadShare)) as u64 + application;
    let master = master + code;
    let worker = (master as f64 * settings.ratio(Parameter::CopiedAtStart)) as u64;
    let shared = master.saturating_sub(worker);
    let copies = settings.ratio(Parameter::CopiedByCollection) > 0.0 && shared > 0;
    let objects = if copies { settings.count(Parameter::ObjectsRequest) } else { 0 };
    Loaded { master, worker, shared, collected_after: collected_after(master, objects) }
}

/// The request with which the first full collection of a worker comes, whose master has so many bytes
/// and whose requests leave so many objects. A middle collection falls where a request has most of them,
/// and passes those on. How far the counts stood when the master forked depends on its last import: half
/// the way is taken (measured: 3 to 100 %, 56 % on average of six cases).
fn collected_after(master: u64, objects: u32) -> u32 {
    if objects == 0 {
        return 0;
    }
    let objects = f64::from(objects);
    let pending = master as f64 / BYTES_PER_OBJECT * PENDING;
    let middles = (pending / objects.min(MIDDLE)).max(MIDDLES);
    ((middles * MIDDLE / objects / 2.0) as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::collected_after;

    /// Full collections of gunicorn's worker with Django 4.2 and its admin on CPython 3.11: 36 MiB.
    #[test]
    fn collections_come_about_as_often_as_they_were_measured() {
        const MASTER: u64 = 36 << 20;
        // The second and later ones came after 19, 29 and 817 requests, in half of which the first is expected.
        for (objects, between, error) in [(4_508, 19, 0.1), (2_921, 29, 0.1), (322, 817, 0.2)] {
            let told = f64::from(2 * collected_after(MASTER, objects));
            let measured = f64::from(between);
            assert!((told / measured - 1.0).abs() <= error, "{objects}: {told} for {measured}");
        }
        // A constant page behind sessions: none in 3,000 requests. One without them leaves nothing: none in 10,000.
        assert!(collected_after(MASTER, 41) > 3_000);
        assert_eq!(collected_after(MASTER, 0), 0);
    }

    #[test]
    fn a_larger_application_is_collected_more_rarely() {
        // 115 MiB with SymPy, pandas and SQLAlchemy: 49 requests between two collections instead of 29.
        let told = f64::from(2 * collected_after(115 << 20, 2_921));
        assert!((told / 49.0 - 1.0).abs() < 0.3, "{told}");
    }
}
