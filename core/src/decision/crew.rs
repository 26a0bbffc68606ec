//! Work on several threads, with the results in order.

/// Does `work`, and what it hands to [`all`], on `jobs` threads; `None`: as many as there are cores. One
/// thread is the calling one: to start another takes longer than many a piece of work.
#[cfg(feature = "parallel")]
pub(super) fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    if jobs == Some(1) {
        return work();
    }
    match rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).build() {
        Ok(pool) => pool.install(work),
        // No thread can be started: the calling one does the work, with the same answer.
        Err(_) => work(),
    }
}

/// Does `work` on the only thread there is.
#[cfg(not(feature = "parallel"))]
pub(super) fn on_threads<T>(_jobs: Option<usize>, work: impl FnOnce() -> T) -> T {
    work()
}

/// How many threads [`on_threads`] has given to the work that asks; outside of it one.
pub(super) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    if rayon::current_thread_index().is_some() {
        return rayon::current_num_threads();
    }
    1
}

/// The results of every number, on the threads of [`on_threads`]; outside of them on this one.
#[cfg(feature = "parallel")]
pub(super) fn all<T: Send>(
    numbers: std::ops::Range<u32>,
    one: impl Fn(u32) -> T + Sync + Send,
) -> Vec<T> {
    use rayon::prelude::*;
    if rayon::current_thread_index().is_none() {
        return numbers.map(one).collect();
    }
    numbers.into_par_iter().map(one).collect()
}

/// The results of every number, one after another.
#[cfg(not(feature = "parallel"))]
pub(super) fn all<T>(numbers: std::ops::Range<u32>, one: impl Fn(u32) -> T) -> Vec<T> {
    numbers.map(one).collect()
}

/// Does pieces 0 to `count` − 1 on `jobs` threads (`None`: as many as there are cores) and gives their
/// results to `take` in order, as soon as every earlier one is there. Each thread takes the next piece
/// when it is done with one, so all stay busy until the last. Ends early when `take` says no.
///
/// Why not `par_iter`: it hands out halves beforehand, and gives nothing away before the end.
#[cfg(feature = "parallel")]
pub(super) fn in_order<T: Send>(
    count: usize,
    jobs: Option<usize>,
    work: impl Fn(usize) -> T + Sync,
    take: impl FnMut(T) -> bool,
) {
    let threads = jobs.unwrap_or_else(rayon::current_num_threads).clamp(1, count.max(1));
    if threads == 1 {
        one_by_one(count, work, take);
    } else {
        side_by_side(threads, count, work, take);
    }
}

/// The same on other threads; the calling one only takes.
#[cfg(feature = "parallel")]
fn side_by_side<T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> bool,
) {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc;

    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (send, receive) = mpsc::channel();
    let busy = |send: mpsc::Sender<(usize, T)>| {
        while !is_over.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count || send.send((index, work(index))).is_err() {
                return;
            }
        }
    };
    let busy = &busy;
    std::thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let send = send.clone();
            let thread = std::thread::Builder::new().spawn_scoped(scope, move || busy(send));
            started += usize::from(thread.is_ok());
        }
        if started == 0 {
            // No thread can be started: the calling one does the work, with the same results.
            busy(send.clone());
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, result) in receive {
            early.insert(index, result);
            while let Some(result) = early.remove(&due) {
                due += 1;
                if !take(result) {
                    is_over.store(true, Ordering::Relaxed);
                    return;
                }
            }
        }
    });
}

/// Does pieces 0 to `count` − 1, until `take` says no.
#[cfg(not(feature = "parallel"))]
pub(super) fn in_order<T>(
    count: usize,
    _jobs: Option<usize>,
    work: impl Fn(usize) -> T,
    take: impl FnMut(T) -> bool,
) {
    one_by_one(count, work, take);
}

/// The same on the calling thread.
fn one_by_one<T>(count: usize, work: impl Fn(usize) -> T, mut take: impl FnMut(T) -> bool) {
    for index in 0..count {
        if !take(work(index)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_only_once() {
        let mut seen = Vec::new();
        let slow_first = |index: usize| {
            (0..(100 - index) * 1000).fold(index, |sum, more| std::hint::black_box(sum ^ more));
            index
        };
        in_order(100, Some(4), slow_first, |index| {
            seen.push(index);
            true
        });
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn work_is_on_as_many_threads_as_were_asked_for() {
        let seen = |jobs| {
            let on = |_| rayon::current_thread_index().map(|_| rayon::current_num_threads());
            on_threads(jobs, || all(0..4, on))
        };
        assert_eq!(seen(Some(1)), [None; 4]);
        assert_eq!(seen(Some(3)), [Some(3); 4]);
    }

    #[test]
    fn it_ends_when_nobody_wants_more() {
        let mut seen = 0;
        in_order(
            1_000_000,
            Some(3),
            |index| index,
            |index| {
                seen = index;
                index < 5
            },
        );
        assert_eq!(seen, 5);
        in_order(0, None, |index| index, |_| panic!("there is nothing"));
    }
}
