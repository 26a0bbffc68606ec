//! Memory over the life of containers: what they take at their start, what grows with work, and
//! what a garbage-collected heap does.

use super::Engine;
use super::resource::allocator::FIRST_THRESHOLD;
use super::resource::memory::{Killer, Part};
use super::span::Span;
use crate::model::{NONE, ServiceModel};

/// Arenas that the GNU C library makes for each core at the most (mallopt manual, `M_ARENA_MAX`).
const ARENAS_BY_CORE: usize = 8;

/// What is kept by each request and by each hour, on the heap and outside it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leaks {
    pub(super) by_request: [u64; 2],
    pub(super) by_hour: [u64; 2],
}

impl Leaks {
    /// Whether anything is kept.
    pub(super) fn is_any(&self) -> bool {
        self.by_request != [0; 2] || self.by_hour != [0; 2]
    }
}

/// What a heap takes beyond so many bytes of live objects.
pub(super) fn overhead(model: &ServiceModel, live: u64) -> u64 {
    model.heap.map_or(0, |heap| (live as f64 * heap.overhead) as u64)
}

/// The same of spaces for new objects: V8's lie in pages like those of old ones, at random addresses,
/// each with page tables of its own (measured: node_leak, cap of 128 MiB, semi-spaces of 16 and 32 MiB:
/// 2.07 MiB more for each MiB). Of other heaps only what lives is said to have an overhead.
pub(super) fn young_overhead(model: &ServiceModel, bytes: u64) -> u64 {
    if model.heap.is_some_and(|heap| heap.copies) { overhead(model, bytes) } else { 0 }
}

impl<'m> Engine<'m> {
    /// The service of a container.
    #[inline]
    pub(super) fn service(&self, instance: u32) -> &'m ServiceModel {
        &self.model.services[self.instances[instance as usize].service as usize]
    }

    /// A container takes the memory that it has before any request. `warm`: as after a long time in
    /// service, with its shared buffers touched and its workers collected; else as after a start.
    pub(super) fn occupy(&mut self, instance: u32, warm: bool) {
        let model = self.service(instance);
        let memory = model.memory;
        if model.refuses {
            // It asks before it takes any.
            return self.memory.doomed.push((instance, Killer::Refusal));
        }
        self.memory.grow(instance, Part::Kernel, memory.kernel);
        self.memory.grow(instance, Part::Program, memory.program);
        self.first_workers(instance, warm && !model.is_fresh);
        self.memory.grow(instance, Part::Series, memory.series);
        self.accept_idle(instance);
        if model.heap.is_some_and(|heap| heap.limit > 0 && heap.live > heap.limit) {
            self.memory.doomed.push((instance, Killer::Heap));
        }
        if warm && !model.is_fresh {
            self.near_collection(instance);
        }
        self.occupy_shared(instance, warm);
        self.memory.set_cache(instance, memory.page_cache, 0);
        self.weigh_store(instance);
        self.open_pools(instance, warm);
    }

    /// So many workers more take their memory.
    pub(super) fn occupy_workers(&mut self, instance: u32, more: u32) {
        let model = self.service(instance);
        self.instances[instance as usize].present += more;
        let more = u64::from(more);
        self.memory.grow(instance, Part::Workers, model.memory.worker * more);
        let heap = model.heap.map_or(0, |heap| heap.live * more);
        self.memory.grow(instance, Part::Heap, heap);
        self.memory.grow(instance, Part::HeapOverhead, overhead(model, heap));
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
        let leaks = self.leaks[service as usize];
        if leaks.by_request != [0; 2] {
            self.leak(instance, leaks.by_request);
        }
    }

    /// A container keeps bytes for good: on the heap of its workers where it has one, and outside.
    pub(super) fn leak(&mut self, instance: u32, [on_heap, outside]: [u64; 2]) {
        let model = self.service(instance);
        self.memory.grow(instance, Part::Leak, on_heap + outside);
        let Some(heap) = model.heap else { return };
        let kept = &mut self.instances[instance as usize].leaked_on_heap;
        *kept += on_heap;
        let kept = *kept;
        self.memory.grow(instance, Part::HeapOverhead, overhead(model, on_heap));
        if heap.limit > 0 && heap.live + kept / u64::from(model.workers) > heap.limit {
            self.memory.doomed.push((instance, Killer::Heap));
        }
        let kept = heap.spaces(self.heap_room(instance));
        if kept < heap.spaces(u64::MAX) {
            self.give_young_back(instance, kept);
        }
    }

    /// What live objects leave of each worker's heap.
    fn heap_room(&self, instance: u32) -> u64 {
        let model = self.service(instance);
        let Some(heap) = model.heap.filter(|heap| heap.limit > 0) else { return u64::MAX };
        let kept = self.instances[instance as usize].leaked_on_heap / u64::from(model.workers);
        heap.limit.saturating_sub(heap.live + kept)
    }

    /// A heap that is nearly full is collected whole, and its young generation shrinks to what it
    /// keeps (measured: heap statistics, Node 20.20: spaces of 1 or 2 MiB at death).
    #[cold]
    fn give_young_back(&mut self, instance: u32, kept: u64) {
        let first = self.instances[instance as usize].first_process;
        let model = self.service(instance);
        for worker in &mut self.processes[first as usize..(first + model.workers) as usize] {
            let before = worker.garbage_max;
            let after = before.min(kept);
            worker.garbage_max = after;
            let tables = young_overhead(model, before) - young_overhead(model, after);
            self.memory.shrink(instance, Part::Heap, before - after);
            self.memory.shrink(instance, Part::HeapOverhead, tables);
        }
    }

    /// A request takes a payload and holds it until it leaves, also what a way of it takes.
    #[inline]
    pub(super) fn hold(&mut self, id: u32, bytes: u64) {
        let id = self.request_of(id);
        let span = &mut self.spans[id];
        span.held += bytes;
        let (instance, process) = (span.instance, span.process);
        let service = self.service(instance);
        let mut fresh = bytes;
        let record = self.spans.aside(id).record;
        if record != NONE && bytes < FIRST_THRESHOLD {
            let kept = self.processes[process as usize].allocator.records.grow(record, bytes);
            self.memory.shrink(instance, Part::Workers, kept);
        } else if service.memory.keeps_payloads {
            let arenas = ARENAS_BY_CORE * self.model.host.cores as usize;
            let worker = &mut self.processes[process as usize];
            // An event loop is one thread, however many requests it has.
            let threads = if worker.is_loop { 1 } else { service.threads as usize };
            let active = worker.active as usize;
            let kept = worker.allocator.take(id, bytes, active, threads, arenas);
            self.memory.shrink(instance, Part::Workers, kept);
            self.memory.grow(instance, Part::Requests, kept);
            fresh -= kept;
        }
        self.memory.grow(instance, Part::Requests, fresh);
    }

    /// The request that a way belongs to, if it is still there.
    fn request_of(&self, mut id: u32) -> u32 {
        loop {
            let &Span { is_way, parent, parent_generation, .. } = &self.spans[id];
            if !is_way || !self.spans.is_current(parent, parent_generation) {
                return id;
            }
            id = parent;
        }
    }

    /// A request has given back its payloads: a worker that is up keeps some of them.
    pub(super) fn keep_payloads(&mut self, id: u32, instance: u32, process: u32) {
        let worker = &mut self.processes[process as usize];
        if worker.allocator.is_idle() {
            return;
        }
        if !worker.up {
            return worker.allocator.forget(id);
        }
        let (more, less) = worker.allocator.free(id);
        self.memory.grow(instance, Part::Workers, more);
        self.memory.shrink(instance, Part::Workers, less);
    }

    /// A request has come: the heap of its worker has a place for its own records.
    pub(super) fn record(&mut self, id: u32, process: u32, bytes: u64) {
        let instance = self.processes[process as usize].instance;
        let keeps_slabs = self.service(instance).memory.keeps_slabs;
        let records = &mut self.processes[process as usize].allocator.records;
        let (record, reused, slab) = if keeps_slabs {
            records.come_to_slab(bytes)
        } else {
            let (record, reused) = records.come(bytes);
            (record, reused, 0)
        };
        self.spans.aside(id).record = record;
        self.memory.shrink(instance, Part::Workers, reused);
        self.memory.grow(instance, Part::Workers, slab);
    }

    /// A request has left: a worker that is up keeps what lies below the top of its heap.
    pub(super) fn keep_record(&mut self, id: u32, instance: u32, process: u32) {
        let record = self.spans.aside(id).record;
        if record == NONE || !self.processes[process as usize].up {
            return;
        }
        let keeps_slabs = self.service(instance).memory.keeps_slabs;
        let records = &mut self.processes[process as usize].allocator.records;
        let (more, less) =
            if keeps_slabs { (records.leave_slab(record), 0) } else { records.leave(record) };
        self.memory.grow(instance, Part::Workers, more);
        self.memory.shrink(instance, Part::Workers, less);
    }

    /// A worker's first request of a kind: late imports, caches, and pages that it shared with the
    /// master and now writes to.
    #[cold]
    pub(super) fn serve_first(&mut self, process: u32, kind: u64) {
        let worker = &mut self.processes[process as usize];
        worker.kinds |= kind;
        let instance = worker.instance;
        let target = &self.instances[instance as usize];
        let memory = &self.model.services[target.service as usize].memory;
        let copied = (worker.shared as f64 * memory.copied_by_request) as u64;
        worker.shared -= copied;
        let bytes = memory.worker_used + copied;
        worker.grown += bytes;
        self.memory.grow(instance, Part::Workers, bytes);
    }

    /// A worker has served a request. Its first full garbage collection writes to the head of every
    /// object that it tracks, and so copies their pages, which it shared with the master (CPython,
    /// `Modules/gcmodule.c`: `gc_refs` of `PyGC_Head`).
    pub(super) fn collect_fully(&mut self, process: u32) {
        let worker = &mut self.processes[process as usize];
        if worker.until_collection == 0 || !worker.up {
            return;
        }
        worker.until_collection -= 1;
        if worker.until_collection > 0 {
            return;
        }
        let instance = worker.instance;
        let target = &self.instances[instance as usize];
        let memory = &self.model.services[target.service as usize].memory;
        let copied = (worker.shared as f64 * memory.copied_by_collection) as u64;
        worker.shared -= copied;
        worker.grown += copied;
        self.memory.grow(instance, Part::Workers, copied);
    }

    /// Workers that have long been in service have had their full collection: it comes with the first
    /// request that they are seen to serve.
    fn near_collection(&mut self, instance: u32) {
        let first = self.instances[instance as usize].first_process as usize;
        let workers = self.service(instance).workers as usize;
        for worker in &mut self.processes[first..first + workers] {
            worker.until_collection = worker.until_collection.min(1);
        }
    }

    /// Clients that send nothing open their connections to a container that starts; to one that an autoscaler
    /// adds nobody has any, as theirs stay where they are.
    fn accept_idle(&mut self, instance: u32) {
        let model = self.service(instance);
        let service = self.instances[instance as usize].service;
        let is_added = model.added > 0 && instance >= model.first_instance + model.replicas;
        let idle = if is_added { 0 } else { self.model.idle_connections[service as usize] };
        let each = model.slots_of_request();
        let target = &mut self.instances[instance as usize];
        target.idle_slots = idle.div_ceil(each);
        target.connections_max = target.connections_max.max(target.connections + idle);
        self.memory.grow(instance, Part::Connections, model.memory.connection * u64::from(idle));
    }

    /// A request leaves garbage on the heap of its worker; a full young generation is collected,
    /// which the worker's next work pays for. The space stays with the process; where what lives is
    /// copied, the next objects fill another. (V8 begins with 1 MiB and doubles when as much has
    /// survived; here it has been long in service, with the largest that it may have.)
    #[inline]
    pub(super) fn collect_garbage(&mut self, process: u32, service: u32) {
        let model = &self.model.services[service as usize];
        let Some(heap) = &model.heap else { return };
        let space = heap.space(self.heap_room(self.processes[process as usize].instance));
        let worker = &mut self.processes[process as usize];
        worker.garbage += heap.allocation;
        let present = worker.garbage.min(space) + if worker.has_copied { space } else { 0 };
        if worker.garbage >= space.max(1) {
            worker.garbage = 0;
            worker.pause += heap.pause.0;
            worker.has_copied = heap.copies;
        }
        let before = worker.garbage_max;
        if present > before {
            worker.garbage_max = present;
            let instance = worker.instance;
            let tables = young_overhead(model, present) - young_overhead(model, before);
            self.memory.grow(instance, Part::Heap, present - before);
            self.memory.grow(instance, Part::HeapOverhead, tables);
        }
    }
}
