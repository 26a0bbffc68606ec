//! Memory over the life of containers: what they take at their start, what grows with work, and
//! what a garbage-collected heap does.

use super::Engine;
use super::resource::memory::{Killer, Part};
use crate::model::ServiceModel;

impl<'m> Engine<'m> {
    /// The service of a container.
    #[inline]
    pub(super) fn service(&self, instance: u32) -> &'m ServiceModel {
        &self.model.services[self.instances[instance as usize].service as usize]
    }

    /// A container takes the memory that it has before any request. `warm`: as after a long time in
    /// service, with its shared buffers touched; else as after a start.
    pub(super) fn occupy(&mut self, instance: u32, warm: bool) {
        let model = self.service(instance);
        let memory = model.memory;
        let workers = u64::from(model.workers);
        self.memory.grow(instance, Part::Kernel, memory.kernel);
        self.memory.grow(instance, Part::Program, memory.program);
        self.memory.grow(instance, Part::Workers, memory.worker * workers);
        self.memory.grow(instance, Part::Series, memory.series);
        let heap = model.heap.map_or(0, |heap| heap.live * workers);
        self.memory.grow(instance, Part::Heap, heap);
        if model.heap.is_some_and(|heap| heap.limit > 0 && heap.live > heap.limit) {
            self.memory.doomed.push((instance, Killer::Heap));
        }
        self.occupy_shared(instance, warm);
        self.memory.set_cache(instance, memory.page_cache, 0);
        self.weigh_store(instance);
        self.open_pools(instance, warm);
    }

    /// Opens the connections that the workers of a container open at their start.
    fn open_pools(&mut self, instance: u32, warm: bool) {
        let service = self.instances[instance as usize].service;
        let first_process = self.instances[instance as usize].first_process;
        for kind in 0..self.model.pools.len() as u32 {
            let model = &self.model.pools[kind as usize];
            if model.owner != service || model.per_request {
                continue;
            }
            for worker in 0..self.model.services[service as usize].workers {
                let index = self.pool_index(kind, first_process + worker);
                while self.pools[index as usize].open < model.min && self.connect(kind, index, warm)
                {
                }
            }
        }
    }

    /// A request has left: the memory that work leaves behind.
    #[inline]
    pub(super) fn grow_with_work(&mut self, instance: u32, service: u32) {
        let (per_request, _) = self.leaks[service as usize];
        if per_request > 0 {
            self.leak(instance, per_request);
        }
    }

    /// A container keeps `bytes` for good: on the heap of its workers where it has one.
    pub(super) fn leak(&mut self, instance: u32, bytes: u64) {
        let model = self.service(instance);
        self.memory.grow(instance, Part::Leak, bytes);
        let Some(heap) = model.heap else { return };
        let kept = self.memory.ledgers[instance as usize].parts[Part::Leak as usize];
        if heap.limit > 0 && heap.live + kept / u64::from(model.workers) > heap.limit {
            self.memory.doomed.push((instance, Killer::Heap));
        }
    }

    /// A request leaves garbage on the heap of its worker; a full young generation is collected,
    /// which the worker's next work pays for. The space stays with the process.
    #[inline]
    pub(super) fn collect_garbage(&mut self, process: u32, service: u32) {
        let Some(heap) = &self.model.services[service as usize].heap else { return };
        let worker = &mut self.processes[process as usize];
        worker.garbage += heap.allocation;
        let present = worker.garbage.min(heap.young);
        if worker.garbage >= heap.young {
            worker.garbage = 0;
            worker.pause += heap.pause.0;
        }
        if present > worker.garbage_max {
            let more = present - worker.garbage_max;
            worker.garbage_max = present;
            let instance = worker.instance;
            self.memory.grow(instance, Part::Heap, more);
        }
    }
}
