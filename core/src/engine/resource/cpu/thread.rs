//! Work of threads that the scheduler knows from before.

use super::Cpu;
use super::turns::Turns;
use crate::quantity::SimTime;

impl Cpu {
    /// Threads take turns from now on, in slices of this length, before anything starts to work. Where containers have
    /// no groups of their own, their shares mean nothing.
    pub(crate) fn take_turns(&mut self, slice: SimTime, has_groups: bool) {
        let mut turns = Turns::new(slice, self.speed);
        for group in &self.groups {
            turns.add(has_groups, group.shares, group.quota);
        }
        self.turns = Some(turns);
    }

    /// Whether the threads of a container take turns: none of another host does.
    #[inline]
    pub(crate) fn has_turns(&self, instance: u32) -> bool {
        self.turns.is_some() && !self.groups[instance as usize].external
    }

    /// The turns that a container's threads take, if they do.
    #[inline]
    pub(super) fn turns_of(&mut self, instance: u32) -> Option<&mut Turns> {
        if self.has_turns(instance) { self.turns.as_mut() } else { None }
    }

    /// A thread of a container, of which the scheduler remembers what it had, starts to work for
    /// `work` nanoseconds.
    #[inline(always)]
    pub(crate) fn start_thread(
        &mut self,
        now: SimTime,
        instance: u32,
        thread: u32,
        span: u32,
        work: u64,
    ) {
        match self.turns_of(instance) {
            Some(turns) => turns.start(now, instance, thread, span, work),
            None => self.start(now, instance, span, work),
        }
    }

    /// The same of a thread that a request borrows from its container.
    #[inline(always)]
    pub(crate) fn start_pooled(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        match self.turns_of(instance) {
            Some(turns) => turns.start_pooled(now, instance, span, work),
            None => self.start(now, instance, span, work),
        }
    }

    /// Whether somebody that a thread woke at the end of its work is to have its core.
    pub(crate) fn is_preempted(&self, thread: u32) -> bool {
        self.turns.as_ref().is_some_and(|turns| turns.is_preempted(thread))
    }

    /// Lets a thread end its piece of work as soon as it has a core; what it had left.
    pub(crate) fn shorten(&mut self, now: SimTime, instance: u32, span: u32) -> u64 {
        self.turns_of(instance).map_or(0, |turns| turns.shorten(now, instance, span))
    }

    /// A thread is no more.
    #[inline(always)]
    pub(crate) fn forget(&mut self, instance: u32, thread: u32) {
        if let Some(turns) = &mut self.turns {
            turns.forget(instance, thread);
        }
    }
}
