//! Requests that wait, first in first out.

/// No request.
pub(super) const NONE: u32 = u32::MAX;

/// A queue of requests linked through `next`, which each request has one of: it can wait in one
/// line at a time, and lining up allocates nothing.
pub(super) struct Line {
    first: u32,
    last: u32,
}

impl Line {
    pub(super) const fn new() -> Self {
        Line { first: NONE, last: NONE }
    }

    /// Puts `request` at the end.
    #[inline]
    pub(super) fn push(&mut self, next: &mut [u32], request: u32) {
        next[request as usize] = NONE;
        if self.first == NONE {
            self.first = request;
        } else {
            next[self.last as usize] = request;
        }
        self.last = request;
    }

    /// Takes the request that has waited longest.
    #[inline]
    pub(super) fn pop(&mut self, next: &[u32]) -> Option<u32> {
        let request = self.first;
        if request == NONE {
            return None;
        }
        self.first = next[request as usize];
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn requests_leave_in_the_order_they_came() {
        let mut next = [0; 4];
        let mut line = Line::new();
        assert_eq!(line.pop(&next), None);
        line.push(&mut next, 2);
        line.push(&mut next, 0);
        assert_eq!(line.pop(&next), Some(2));
        line.push(&mut next, 3);
        assert_eq!(line.pop(&next), Some(0));
        assert_eq!(line.pop(&next), Some(3));
        assert_eq!(line.pop(&next), None);
    }
}
