//! Work on several threads, with the results in order.

/// Threads that are started at the most, however many are asked for: more than there are cores bring
/// nothing, and thousands bring a machine to a stand.
#[cfg(feature = "parallel")]
const MOST_THREADS: usize = 256;

/// Does `work`, and what it hands to [`all`], on `jobs` threads, 256 at the most; `None`: as many as there are
/// cores. One thread is the calling one: to start another takes longer than many a piece of work.
#[cfg(feature = "parallel")]
pub(super) fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    if jobs == Some(1) {
        return work();
    }
    match rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0).min(MOST_THREADS)).build() {
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
    let threads =
        jobs.unwrap_or_else(rayon::current_num_threads).clamp(1, count.clamp(1, MOST_THREADS));
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
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc;

    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (send, receive) = mpsc::channel();
    let busy = |send: mpsc::Sender<(usize, T)>| {
        while !is_over.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            // A panic ends the work of all, and not only that of this thread.
            let result = panic::catch_unwind(AssertUnwindSafe(|| work(index)));
            let result = result.unwrap_or_else(|reason| {
                is_over.store(true, Ordering::Relaxed);
                panic::resume_unwind(reason)
            });
            if send.send((index, result)).is_err() {
                return;
            }
        }
    };
    let busy = &busy;
    std::thread::scope(|scope| {
        let start = |_| {
            let send = send.clone();
            std::thread::Builder::new().spawn_scoped(scope, move || busy(send)).ok()
        };
        let started: Vec<_> = (0..threads).filter_map(start).collect();
        if started.is_empty() {
            // No thread can be started: the calling one does the work, with the same results.
            busy(send.clone());
        }
        drop(send);
        in_turn(receive, |result| {
            let goes_on = take(result);
            is_over.store(!goes_on, Ordering::Relaxed);
            goes_on
        });
        // The scope itself would say no more than that a thread panicked.
        for thread in started {
            thread.join().unwrap_or_else(|reason| panic::resume_unwind(reason));
        }
    });
}

/// Hands on what comes with a number, in the order of the numbers, until `take` says no.
#[cfg(feature = "parallel")]
fn in_turn<T>(receive: std::sync::mpsc::Receiver<(usize, T)>, mut take: impl FnMut(T) -> bool) {
    let mut early = std::collections::BTreeMap::new();
    let mut due = 0;
    for (index, result) in receive {
        early.insert(index, result);
        while let Some(result) = early.remove(&due) {
            due += 1;
            if !take(result) {
                return;
            }
        }
    }
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
    fn a_panic_comes_back_as_it_was_and_ends_the_work() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let done = AtomicUsize::new(0);
        let work = |index: usize| {
            assert!(index != 3, "number {index} went wrong");
            std::thread::sleep(std::time::Duration::from_millis(1));
            done.fetch_add(1, Ordering::Relaxed)
        };
        let all = || in_order(10_000, Some(2), work, |_| true);
        let reason = std::panic::catch_unwind(std::panic::AssertUnwindSafe(all)).unwrap_err();
        assert_eq!(reason.downcast_ref::<String>().unwrap(), "number 3 went wrong");
        assert!(done.load(Ordering::Relaxed) < 9_000);
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
        assert_eq!(seen(Some(1_000_000)), [Some(MOST_THREADS); 4]);
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
