//! Which guesses decide the verdict, and so are worth measuring first.

mod screen;
#[cfg(test)]
mod tests;
mod worst;

pub use screen::{DEFAULT_SCREEN_EVENTS, ScreenOptions, screen};
