//! A list with a cursor: what approvals, outbox, pages, drafts, search results and pickers have in common.

/// Items, the one under the cursor, and the first one shown.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// The items.
    pub items: Vec<T>,
    /// The one under the cursor.
    pub cursor: usize,
    /// They have been read at least once.
    pub loaded: bool,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            cursor: 0,
            loaded: false,
        }
    }
}

impl<T> Rows<T> {
    /// The item under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.items.get(self.cursor)
    }

    /// Takes new items; the cursor stays on the item with the same key, or else at its place.
    pub fn replace<K: PartialEq>(&mut self, items: Vec<T>, key: impl Fn(&T) -> K) {
        let current = self.current().map(&key);
        self.items = items;
        self.loaded = true;
        let found =
            current.and_then(|current| self.items.iter().position(|item| key(item) == current));
        self.cursor = found
            .unwrap_or(self.cursor)
            .min(self.items.len().saturating_sub(1));
    }

    /// Moves the cursor; true when it moved.
    pub fn step(&mut self, by: isize) -> bool {
        let last = self.items.len().saturating_sub(1);
        let to = self.cursor.saturating_add_signed(by).min(last);
        std::mem::replace(&mut self.cursor, to) != to
    }

    /// The first item to show so that the cursor is in view, for so many that fit. The view turns by whole pages, so
    /// that moving within one rewrites two rows and not all of them.
    pub fn first(&self, fit: usize) -> usize {
        let fit = fit.max(1);
        (self.cursor / fit) * fit
    }
}
