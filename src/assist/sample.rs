//! The sample company's knowledge and canned replies, for the demo and for `frontdesk init`.

use super::canned::{self, CannedError, CannedReply};
use super::knowledge;
use super::passage::Passage;

/// The company of the sample.
pub const COMPANY: &str = "Lindqvist Home Services";
/// The host that its texts link to.
pub const HOST: &str = "lindqvist.example";

/// Name and text of each article.
pub const KNOWLEDGE: [(&str, &str); 9] = [
    (
        "ac-repair.md",
        include_str!("../../assets/knowledge/ac-repair.md"),
    ),
    (
        "arrival-times.md",
        include_str!("../../assets/knowledge/arrival-times.md"),
    ),
    (
        "gas-smell.md",
        include_str!("../../assets/knowledge/gas-smell.md"),
    ),
    (
        "invoices.md",
        include_str!("../../assets/knowledge/invoices.md"),
    ),
    (
        "llegada-y-citas.md",
        include_str!("../../assets/knowledge/llegada-y-citas.md"),
    ),
    (
        "opening-hours.md",
        include_str!("../../assets/knowledge/opening-hours.md"),
    ),
    (
        "refunds.md",
        include_str!("../../assets/knowledge/refunds.md"),
    ),
    (
        "rescheduling.md",
        include_str!("../../assets/knowledge/rescheduling.md"),
    ),
    (
        "warranty.md",
        include_str!("../../assets/knowledge/warranty.md"),
    ),
];

/// The canned replies as TOML.
pub const CANNED: &str = include_str!("../../assets/canned.toml");

/// Every passage of the articles.
pub fn passages() -> Vec<Passage> {
    KNOWLEDGE
        .iter()
        .flat_map(|(file, text)| knowledge::split(file, text, None))
        .collect()
}

/// The canned replies.
pub fn canned_replies() -> Result<Vec<CannedReply>, CannedError> {
    canned::read(CANNED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_reads() {
        let passages = passages();
        assert!(passages.len() >= 20, "{}", passages.len());
        assert!(
            passages
                .iter()
                .all(|p| p.as_of.is_some() && p.language.is_some())
        );
        assert!(canned_replies().unwrap().len() >= 12);
    }
}
