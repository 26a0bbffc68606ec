//! What holds in every run of every scenario, whatever happens in it: books balance, limits hold,
//! the same seed gives the same run, and what a change does not touch does not move.
//!
//! [`sketch`] draws scenarios; a failing one is printed as text that the scenario reader reads.

mod apart;
mod books;
mod direction;
mod little;
mod member;
mod outline;
mod regression;
mod repeat;
mod scaled;
mod sketch;
