//! The program as a shell runs it, on whole plans: verdicts, formats, files, loads, and plans that want
//! to break it.

mod certainty;
mod diff;
mod files;
mod fit;
mod formats;
mod gate;
mod hostile;
mod kubernetes;
mod load;
mod load_line;
mod planner;
mod program;
mod report;
mod revision;
mod sensitivity;
mod settings;
mod shell;
mod sweep;
mod verdict;
