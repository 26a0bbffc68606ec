//! Death and return of containers and workers.

use crate::engine::calendar::Event;
use crate::engine::memory::{overhead, young_overhead};
use crate::engine::resource::memory::{Killer, Part};
use crate::engine::resource::worker::{Life, Rules};
use crate::engine::run::Happening;
use crate::engine::span::State;
use crate::engine::{Engine, Failure};
use crate::model::NONE;
use crate::quantity::SimTime;
use crate::scenario::Restart;

/// Docker's restart manager: 100 ms, doubled each time, at most a minute; ten seconds of life reset
/// it, counted from the start of the process and not from its first answer (moby,
/// `daemon/internal/restartmanager`).
const DOCKER: Backoff =
    Backoff { first: 0.1, longest: 60.0, at_once: 0, reset_after: SimTime::from_millis(10_000) };

/// The kubelet's: at once, then after 10 s, doubled each time, at most five minutes; ten minutes of
/// life reset it (kubernetes/website, pod-lifecycle, "Container restarts").
const KUBELET: Backoff =
    Backoff { first: 10.0, longest: 300.0, at_once: 1, reset_after: SimTime::from_millis(600_000) };

/// How long a container waits before it starts again.
struct Backoff {
    /// First delay in seconds; each later one is twice as long.
    first: f64,
    /// Longest delay in seconds.
    longest: f64,
    /// Restarts without any delay that come before.
    at_once: u32,
    /// Life after which the next delay is the first again.
    reset_after: SimTime,
}

impl Backoff {
    fn delay(&self, failures: u32) -> SimTime {
        let Some(delayed) = failures.checked_sub(self.at_once) else { return SimTime::ZERO };
        let doubled = f64::from(1u32 << delayed.min(20));
        SimTime::from_seconds((self.first * doubled).min(self.longest))
    }
}

/// A new worker is not there in the same instant, however fast it starts: where it is killed each
/// time, time must go on.
const SHORTEST_START: SimTime = SimTime::from_millis(1);

/// Victims of one moment after which the host is given up: everything has been killed.
const MOST_VICTIMS: usize = 10_000;

impl Engine<'_> {
    /// Deals with the containers that are over a limit.
    #[cold]
    pub(in crate::engine) fn bury(&mut self) {
        let mut victims = 0;
        while let Some((instance, killer)) = self.memory.doomed.pop() {
            victims += 1;
            let alive = self.instances[instance as usize].life != Life::Down;
            if victims > MOST_VICTIMS || !self.memory.is_over(instance, killer) {
                continue;
            }
            match killer {
                Killer::Host => {
                    let workers = |id: u32| {
                        let target = &self.instances[id as usize];
                        (target.life != Life::Down).then_some(target.present)
                    };
                    if let Some(victim) = self.memory.victim(self.model, workers) {
                        self.kill(victim, killer);
                        self.memory.doomed.push((victim, killer));
                    } else if self.host_died.is_none() {
                        // The kernel has nobody left to kill: it panics.
                        self.host_died = Some(self.now);
                    }
                }
                Killer::Limit if alive => {
                    self.kill(instance, killer);
                    self.memory.doomed.push((instance, killer));
                }
                Killer::Heap | Killer::Refusal | Killer::Disturbance if alive => {
                    self.kill(instance, killer);
                }
                Killer::Limit | Killer::Heap | Killer::Refusal | Killer::Disturbance => {}
            }
        }
    }

    /// A container is not there at the beginning. If no rollout is to bring it, the node has no room for it: as if
    /// it were killed at its start, and not started again.
    #[cold]
    pub(in crate::engine) fn stay_out(&mut self, instance: u32) {
        let model = self.service(instance);
        if instance < model.first_instance + model.replicas {
            self.count_kill(instance, Killer::Host);
        }
    }

    fn count_kill(&mut self, instance: u32, killer: Killer) {
        let seen = &mut self.instances_seen[instance as usize];
        if killer != Killer::Disturbance {
            seen.kills += 1;
            seen.killer = Some(killer);
            if seen.first_kill.is_none() {
                seen.first_kill = Some(self.now);
            }
        }
        let service = self.instances[instance as usize].service;
        self.note(service, Happening::KILLED, f64::from(killer as u8));
    }

    /// Kills the largest worker where a master replaces it, else the container.
    fn kill(&mut self, instance: u32, killer: Killer) {
        self.memory.forgive(instance);
        self.count_kill(instance, killer);
        let model = self.service(instance);
        let first = self.instances[instance as usize].first_process;
        let alive = (first..first + model.workers).filter(|&p| self.processes[p as usize].up);
        if model.kill_worker && !matches!(killer, Killer::Refusal | Killer::Disturbance) {
            let held = self.held_by_workers(instance);
            let most = |process: u32| {
                held[(process - first) as usize] + self.processes[process as usize].garbage_max
            };
            if let Some(worker) = alive.max_by_key(|&process| most(process)) {
                #[cfg(feature = "alerts")]
                if killer != Killer::Heap {
                    self.watch_survival(instance);
                }
                return self.kill_worker(instance, worker);
            }
        }
        self.kill_container(instance);
    }

    /// Memory that the requests of each worker of a container hold.
    fn held_by_workers(&self, instance: u32) -> Vec<u64> {
        let first = self.instances[instance as usize].first_process;
        let mut held = vec![0; self.service(instance).workers as usize];
        for id in self.spans.at_instance(instance) {
            let span = &self.spans[id];
            if span.process != NONE {
                held[(span.process - first) as usize] += span.held;
            }
        }
        held
    }

    /// A worker dies with its requests. Its master starts another as soon as it knows, but for Apache's, which looks
    /// how many are idle.
    fn kill_worker(&mut self, instance: u32, process: u32) {
        let model = self.service(instance);
        // First of all it is down: whoever leaves its slots makes room for nobody.
        self.processes[process as usize].up = false;
        for id in self.spans.at_instance(instance) {
            if self.spans[id].process == process && self.spans[id].state != State::Free {
                self.fail(id, Failure::Killed);
            }
        }
        self.end_worker(instance, process);
        if model.master.is_none_or(|master| master.only_missing) {
            let event =
                Event::WorkerReady { process, epoch: self.processes[process as usize].epoch };
            self.calendar.push(self.now + model.start_time.max(SHORTEST_START), event);
        }
    }

    /// A worker that works on nothing is gone, with its memory and its connections.
    pub(in crate::engine) fn end_worker(&mut self, instance: u32, process: u32) {
        let model = self.service(instance);
        self.processes[process as usize].up = false;
        self.lose_pools(instance, Some(process));
        let workers = u64::from(self.instances[instance as usize].present.max(1));
        let leaked = self.memory.ledgers[instance as usize].parts[Part::Leak as usize];
        let heap = model.heap.map_or(0, |heap| heap.live);
        let worker = &mut self.processes[process as usize];
        let garbage = worker.garbage_max;
        let own = model.memory.worker + worker.grown + worker.allocator.kept();
        self.memory.shrink(instance, Part::Workers, own);
        self.memory.shrink(instance, Part::Leak, leaked / workers);
        self.memory.shrink(instance, Part::Heap, heap + garbage);
        let state = &mut self.instances[instance as usize];
        let lost = state.leaked_on_heap / workers;
        state.leaked_on_heap -= lost;
        state.present -= 1;
        let slack = &self.memory.ledgers[instance as usize].parts[Part::HeapOverhead as usize];
        let beyond = (overhead(model, heap + lost) + young_overhead(model, garbage)).min(*slack);
        self.memory.shrink(instance, Part::HeapOverhead, beyond);
        worker.renew(&model.memory);
    }

    /// A worker is there again; it takes what waits in the listen queue.
    pub(in crate::engine) fn replace_worker(&mut self, process: u32, epoch: u32) {
        if self.processes[process as usize].epoch == epoch {
            self.start_worker(self.processes[process as usize].instance, process);
        }
    }

    /// A worker starts, and takes what waits in the listen queue.
    pub(in crate::engine) fn start_worker(&mut self, instance: u32, process: u32) {
        let worker = &mut self.processes[process as usize];
        worker.up = true;
        // Whoever else was to stand here is not needed any more.
        worker.epoch += 1;
        let state = &mut self.instances[instance as usize];
        let place = process - state.first_process;
        state.rules.workers = state.rules.workers.max(place + 1);
        self.occupy_workers(instance, 1);
        self.serve_queue(instance);
    }

    /// A container dies with all that it worked on, and is started again by its policy, unless it was told to
    /// end.
    fn kill_container(&mut self, instance: u32) {
        let model = self.service(instance);
        let backoff = if self.model.host.kubernetes { &KUBELET } else { &DOCKER };
        let state = &mut self.instances[instance as usize];
        if self.now.saturating_sub(state.started) >= backoff.reset_after {
            state.failures = 0;
        }
        let (failures, service) = (state.failures, state.service);
        let was_leaving = state.life == Life::Leaving;
        self.stop_container(instance);
        if was_leaving {
            return self.has_left(instance);
        }
        // A life that resets the delay leaves the attempts as they are (moby, `daemon/internal/restartmanager`).
        let attempts = self.instances[instance as usize].attempts;
        let may_start = model.restart_attempts.is_none_or(|most| attempts < most);
        if model.restart == Restart::Always && may_start {
            let state = &mut self.instances[instance as usize];
            state.failures += 1;
            state.attempts += 1;
            let event = Event::Restart { instance, epoch: state.epoch };
            self.calendar.push(self.now + backoff.delay(failures), event);
        }
        self.roll_on(service);
    }

    /// Nothing is left of a container, nor of what it worked on.
    pub(in crate::engine) fn stop_container(&mut self, instance: u32) {
        let model = self.service(instance);
        let first = self.instances[instance as usize].first_process;
        self.stop_work(instance);
        for id in self.spans.at_instance(instance) {
            if self.spans[id].state != State::Free {
                self.fail(id, Failure::Killed);
            }
        }
        self.lose_pools(instance, None);
        self.lose_connections(instance);
        for process in first..first + model.workers {
            let worker = &mut self.processes[process as usize];
            worker.renew(&model.memory);
            worker.pause = 0;
        }
        self.memory.clear(instance);
        self.forget_shared(instance);
        self.instances[instance as usize].leaked_on_heap = 0;
        let state = &mut self.instances[instance as usize];
        if state.life == Life::Up {
            self.balancers[state.service as usize].down += 1;
        }
        state.life = Life::Down;
        state.epoch += 1;
    }

    /// Nobody works in a container any more, waits for a turn, or for a connection. All at once: each of many would
    /// look through all the others.
    fn stop_work(&mut self, instance: u32) {
        self.cpu.stop(self.now, instance, |_| true);
        let model = self.service(instance);
        let first = self.instances[instance as usize].first_process;
        self.instances[instance as usize].queue.clear();
        for process in first..first + model.workers {
            let worker = &mut self.processes[process as usize];
            worker.up = false;
            worker.drop_turns();
        }
        let service = self.instances[instance as usize].service;
        for (kind, _) in (0..).zip(&self.model.pools).filter(|(_, pool)| pool.owner == service) {
            for process in first..first + model.workers {
                let index = self.pool_index(kind, process);
                self.pools[index as usize].waiting.clear();
            }
        }
    }

    /// A container starts again.
    pub(in crate::engine) fn restart(&mut self, instance: u32, epoch: u32) {
        let state = &mut self.instances[instance as usize];
        if state.epoch != epoch {
            return;
        }
        state.restarts += 1;
        let service = state.service;
        self.note(service, Happening::RESTARTED, 0.0);
        self.start(instance);
    }

    /// A container of another version starts where there was none, or one that is gone.
    pub(in crate::engine) fn start_anew(&mut self, instance: u32) {
        let service = self.instances[instance as usize].service;
        let leaks = self.leaks[service as usize].is_any();
        let state = &mut self.instances[instance as usize];
        state.rules = Rules::of(&self.model.services[service as usize]);
        state.rules.leaves_behind |= leaks;
        state.epoch += 1;
        (state.failures, state.attempts) = (0, 0);
        self.start(instance);
    }

    /// A container takes its memory at once and answers later.
    fn start(&mut self, instance: u32) {
        let state = &mut self.instances[instance as usize];
        state.life = Life::Starting;
        state.started = self.now;
        let epoch = state.epoch;
        let reading = self.recover_store(instance);
        let ready = self.now + self.service(instance).start_time + reading;
        self.calendar.push(ready, Event::Ready { instance, epoch });
        self.occupy(instance, false);
    }

    /// A container answers from now on.
    pub(in crate::engine) fn become_ready(&mut self, instance: u32, epoch: u32) {
        let state = &mut self.instances[instance as usize];
        if state.epoch != epoch {
            return;
        }
        state.life = Life::Up;
        self.balancers[state.service as usize].down -= 1;
        let (first, present, service) = (state.first_process, state.present, state.service);
        for worker in &mut self.processes[first as usize..(first + present) as usize] {
            worker.up = true;
        }
        self.note(service, Happening::READY, 0.0);
        self.roll_on(service);
    }

    /// The pools of a container's workers (or of one worker) lose all their connections.
    fn lose_pools(&mut self, instance: u32, only: Option<u32>) {
        let service = self.instances[instance as usize].service;
        let first = self.instances[instance as usize].first_process;
        let workers = self.model.services[service as usize].workers;
        for kind in 0..self.model.pools.len() as u32 {
            if self.model.pools[kind as usize].owner != service {
                continue;
            }
            for process in first..first + workers {
                if only.is_none_or(|one| one == process) {
                    let index = self.pool_index(kind, process);
                    self.empty_pool(kind, index);
                }
            }
        }
    }

    /// Every pool that leads to a container loses its connections.
    fn lose_connections(&mut self, instance: u32) {
        for kind in 0..self.model.pools.len() as u32 {
            let first = self.first_pool[kind as usize];
            let next = self.first_pool.get(kind as usize + 1);
            for index in first..next.copied().unwrap_or(self.pools.len() as u32) {
                if self.pools[index as usize].target == instance {
                    self.empty_pool(kind, index);
                }
            }
        }
    }

    /// A pool loses all its connections; those who wait for one go on waiting for a new one to be
    /// opened by the next release or time-out.
    fn empty_pool(&mut self, kind: u32, index: u32) {
        let pool = &mut self.pools[index as usize];
        let target = pool.target;
        let (open, waiting) = pool.close_all(self.now);
        for connection in &open {
            self.disconnect(kind, target, connection);
        }
        for id in waiting {
            self.fail(id, Failure::Killed);
        }
    }

    /// Free workers of a container take what waits in its listen queue.
    fn serve_queue(&mut self, instance: u32) {
        if self.service(instance).accepted_connections > 0 {
            return self.wake_main_threads(instance);
        }
        loop {
            let process = self.instances[instance as usize].free_worker(&self.processes);
            if process == NONE {
                return;
            }
            let Some(next) = self.instances[instance as usize].queue.pop_front() else { return };
            self.dequeue(next, process);
        }
    }
}
