//! What the text rooms need to know of a point in time.

/// A point in time that counts milliseconds since 1970.
pub trait Moment: Copy + Ord {
    /// The moment that many milliseconds after 1970.
    fn from_millis(millis: i64) -> Self;
    /// Milliseconds since 1970.
    fn millis(self) -> i64;
}
