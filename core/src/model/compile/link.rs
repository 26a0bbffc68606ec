//! The segments of a program, laid one after another.

use super::Compiler;
use crate::model::{Branches, Op};

impl Compiler<'_> {
    /// Lays the segments one after another; returns the program, the ways, and where each segment
    /// begins.
    pub(in crate::model) fn link(self) -> (Vec<Op>, Branches, Vec<u32>) {
        let mut starts = Vec::with_capacity(self.segments.len());
        let mut length = 0;
        for segment in &self.segments {
            starts.push(length);
            length += segment.len() as u32;
        }
        let mut program = Vec::with_capacity(length as usize);
        for (segment, ops) in self.segments.iter().enumerate() {
            let start = starts[segment];
            program.extend(ops.iter().map(|&op| match op {
                Op::Call { service, entry, timeout, soft } => {
                    Op::Call { service, entry: starts[entry as usize], timeout, soft }
                }
                Op::Connect { service, entry } => {
                    Op::Connect { service, entry: starts[entry as usize] }
                }
                Op::Lookup { cache, hit, depth } => Op::Lookup { cache, hit: start + hit, depth },
                Op::Jump(step) => Op::Jump(start + step),
                Op::Cpu(_)
                | Op::Wait(_)
                | Op::Hold(_)
                | Op::Query(_)
                | Op::Retry(_)
                | Op::Keep(_)
                | Op::Recall(_)
                | Op::Fill { .. }
                | Op::Write { .. }
                | Op::Acquire(_)
                | Op::Release
                | Op::Choose { .. }
                | Op::Fork { .. }
                | Op::End => op,
            }));
        }
        let entry: Vec<u32> =
            self.ways.iter().map(|&(segment, step)| starts[segment as usize] + step).collect();
        let entry = entry.into_iter().map(|step| end_of_jumps(&program, step)).collect();
        let branches = Branches { cumulative: self.cumulative, entry, choices: self.choices };
        (program, branches, starts)
    }
}

/// Where a step leads that only goes on elsewhere. Jumps lead forwards, so they come to an end.
fn end_of_jumps(program: &[Op], mut step: u32) -> u32 {
    while let Op::Jump(next) = program[step as usize] {
        step = next;
    }
    step
}
