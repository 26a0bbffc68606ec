//! Masters that start and end worker processes as they are needed: once a second they count those that are idle.
//!
//! Apache (`server/mpm/prefork/prefork.c`, `perform_idle_server_maintenance`) starts one when too few are idle, and
//! twice as many in each second that follows in which there are still too few, 32 at most; PHP-FPM (`sapi/fpm/fpm/
//! fpm_process_ctl.c`, function of the same name, `pm = dynamic`) does so too, but never more than are missing. Both
//! end one a second when too many are idle. A request that finds none idle waits in the listen queue. A child is
//! forked in milliseconds, which count as nothing.

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::worker::Life;
use crate::model::NONE;
use crate::quantity::SimTime;
use crate::random::Streams;

/// How often a master looks (Apache's `SCOREBOARD_MAINTENANCE_INTERVAL`, PHP-FPM's
/// `FPM_IDLE_SERVER_MAINTENANCE_HEARTBEAT`).
const INTERVAL: SimTime = SimTime::from_millis(1000);
/// Workers that a master starts in a second at the most (Apache's `MAX_SPAWN_RATE`, PHP-FPM's
/// `pm.max_spawn_rate`).
const MOST_AT_ONCE: u32 = 32;

impl Engine<'_> {
    /// The masters that are there as a run begins look at any moment of a second. One that is long in service has
    /// the workers that its load needs: until its first look, which is not within the first second, whoever comes
    /// finds one.
    pub(in crate::engine) fn start_masters(&mut self, streams: &Streams) {
        let model = self.model;
        for service in model.services.iter().filter(|service| service.master.is_some()) {
            let mut stream = streams.stream(&service.name, "master");
            for instance in service.instances() {
                let at = INTERVAL + SimTime(stream.below(INTERVAL.0));
                let state = &self.instances[instance as usize];
                if state.life == Life::Up {
                    self.calendar.push(at, Event::Look { instance, epoch: state.epoch });
                }
            }
        }
    }

    /// The workers that a container has before any request take their memory. `warm`: as after a long time in
    /// service, and not as after a start.
    pub(in crate::engine) fn first_workers(&mut self, instance: u32, warm: bool) {
        let model = self.service(instance);
        let count = match model.master {
            Some(master) if !warm => master.start,
            _ => model.first_workers,
        };
        let state = &mut self.instances[instance as usize];
        (state.present, state.turn, state.rules.workers) = (0, 0, count);
        state.spawn_rate = u32::from(model.master.is_none() || !warm);
        let (life, first, epoch) = (state.life, state.first_process, state.epoch);
        for process in first + count..first + model.workers {
            self.processes[process as usize].up = false;
        }
        if life != Life::Up && model.master.is_some() {
            self.calendar.push(self.now + INTERVAL, Event::Look { instance, epoch });
        }
        self.occupy_workers(instance, count);
    }

    /// One that a master long in service has started before anybody needed it; `NONE` where there are no more.
    #[cold]
    pub(in crate::engine) fn start_needed(&mut self, instance: u32) -> u32 {
        self.start_more(instance, 1);
        self.instances[instance as usize].free_worker(&self.processes)
    }

    /// A master counts its idle workers, starts some, or ends one.
    pub(in crate::engine) fn look_at_workers(&mut self, instance: u32, epoch: u32) {
        let state = &self.instances[instance as usize];
        let (model, present, rate) = (self.service(instance), state.present, state.spawn_rate);
        let Some(master) = model.master.filter(|_| state.epoch == epoch) else { return };
        self.calendar.push(self.now + INTERVAL, Event::Look { instance, epoch });
        if state.life != Life::Up {
            return;
        }
        let first = state.first_process as usize;
        let workers = &self.processes[first..first + model.workers as usize];
        let idle = workers.iter().filter(|worker| worker.up && worker.active == 0).count() as u32;
        let missing = master.spare_min.saturating_sub(idle);
        let most = match rate {
            0 => missing,
            rate if master.only_missing => rate.min(missing),
            rate => rate,
        };
        let more = if missing > 0 { most.min(model.workers - present) } else { 0 };
        let next = if more > 0 { (2 * rate).min(MOST_AT_ONCE) } else { 1 };
        self.instances[instance as usize].spawn_rate = next.max(1);
        self.start_more(instance, more);
        if idle > master.spare_max {
            self.end_idle(instance);
        }
    }

    /// Workers start at the first places that are free.
    fn start_more(&mut self, instance: u32, mut more: u32) {
        let first = self.instances[instance as usize].first_process;
        for process in first..first + self.service(instance).workers {
            if more > 0 && !self.processes[process as usize].up {
                more -= 1;
                self.start_worker(instance, process);
            }
        }
    }

    /// The idle worker whose turn it is ends: Apache wakes one with a connection of its own (PHP-FPM takes the one
    /// that was started first).
    fn end_idle(&mut self, instance: u32) {
        let process = self.instances[instance as usize].free_worker(&self.processes);
        if process == NONE {
            return;
        }
        self.end_worker(instance, process);
        let state = &mut self.instances[instance as usize];
        let first = state.first_process;
        let last = (0..state.rules.workers)
            .rev()
            .find(|place| self.processes[(first + place) as usize].up);
        state.rules.workers = last.map_or(1, |place| place + 1);
        if state.turn >= state.rules.workers {
            state.turn = 0;
        }
    }
}
