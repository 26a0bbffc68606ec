//! The first walk over a text: syntax and budgets, before anything is built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use granit_parser::{Event, Span};

use super::{
    MAX_ALIASES, MAX_DEPTH, MAX_NODES, MAX_SCALAR_BYTES, budget, depth_message, parser, place,
    syntax, syntax_error,
};
use crate::diagnostic::Diagnostic;

/// How much of the budgets an anchored node takes each time it is repeated.
#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    bytes: usize,
    height: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    anchor: usize,
    nodes_before: usize,
    bytes_before: usize,
    height: usize,
}

#[derive(Default)]
struct Measure {
    nodes: usize,
    bytes: usize,
    aliases: usize,
    open: Vec<Open>,
    extents: BTreeMap<usize, Extent>,
    aliased: BTreeSet<usize>,
}

/// The anchors that aliases refer to, or the first breach of syntax or budget.
pub(super) fn measure(file: &Arc<str>, text: &str) -> Result<BTreeSet<usize>, Vec<Diagnostic>> {
    let mut measure = Measure::default();
    for step in parser(text) {
        let (event, span) = step.map_err(|error| vec![syntax(file, text, &error)])?;
        measure.take(&event).map_err(|breach| vec![breach.diagnostic(file, &span)])?;
    }
    Ok(measure.aliased)
}

enum Breach {
    Depth,
    Nodes,
    Bytes,
    Aliases,
    Circle,
}

impl Breach {
    fn diagnostic(&self, file: &Arc<str>, span: &Span) -> Diagnostic {
        let place = place(file, span);
        match self {
            Breach::Depth => budget(&place, depth_message()),
            Breach::Nodes => budget(
                &place,
                format!("the text has more than {MAX_NODES} values, aliases (`*name`) written out"),
            ),
            Breach::Bytes => budget(
                &place,
                format!(
                    "the values have more than {} MiB, aliases (`*name`) written out",
                    MAX_SCALAR_BYTES >> 20
                ),
            ),
            Breach::Aliases => {
                budget(&place, format!("the text has more than {MAX_ALIASES} aliases (`*name`)"))
            }
            Breach::Circle => syntax_error(&place, "an alias inside the very value it repeats"),
        }
    }
}

impl Measure {
    fn take(&mut self, event: &Event<'_>) -> Result<(), Breach> {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                let extent = Extent { nodes: 1, bytes: text.len(), height: 0 };
                self.extents.insert(*anchor, extent);
                self.add(extent)
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                let (nodes_before, bytes_before) = (self.nodes, self.bytes);
                self.add(Extent { nodes: 1, bytes: 0, height: 1 })?;
                self.open.push(Open { anchor: *anchor, nodes_before, bytes_before, height: 1 });
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close();
                Ok(())
            }
            Event::Alias(anchor) => {
                self.aliases += 1;
                if self.aliases > MAX_ALIASES {
                    return Err(Breach::Aliases);
                }
                self.aliased.insert(*anchor);
                let extent = self.extents.get(anchor).copied().ok_or(Breach::Circle)?;
                self.add(extent)
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | _ => Ok(()),
        }
    }

    fn add(&mut self, extent: Extent) -> Result<(), Breach> {
        self.nodes = self.nodes.saturating_add(extent.nodes);
        self.bytes = self.bytes.saturating_add(extent.bytes);
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(extent.height + 1);
        }
        if self.nodes > MAX_NODES {
            Err(Breach::Nodes)
        } else if self.bytes > MAX_SCALAR_BYTES {
            Err(Breach::Bytes)
        } else if self.open.len() + extent.height > MAX_DEPTH {
            Err(Breach::Depth)
        } else {
            Ok(())
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(open.height + 1);
        }
        let extent = Extent {
            nodes: self.nodes - open.nodes_before,
            bytes: self.bytes - open.bytes_before,
            height: open.height,
        };
        self.extents.insert(open.anchor, extent);
    }
}
