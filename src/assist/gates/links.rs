//! A draft links only to hosts that are allowed, or to addresses that our own knowledge and canned replies hold.

use super::{GateInput, result};
use crate::model::{GateResult, Verdict};
use crate::text::links::find;

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    let ours = input.evidence.iter().filter(|evidence| {
        evidence.source.starts_with("kb:") || evidence.source.starts_with("canned:")
    });
    let known: Vec<String> = ours
        .flat_map(|evidence| find(&evidence.quote))
        .map(|found| found.link.href)
        .collect();
    let stranger = find(input.draft)
        .into_iter()
        .map(|found| found.link)
        .find(|link| !known.contains(&link.href) && !allowed(&link.host, &input.settings.links));
    if let Some(link) = stranger {
        return result(
            "links",
            VERSION,
            Verdict::Block,
            format!(
                "The draft links to {}, which is not on the list of allowed links.",
                link.host
            ),
        );
    }
    result(
        "links",
        VERSION,
        Verdict::Pass,
        "No link, or only allowed ones.",
    )
}

/// The host is one of the list, or below one.
fn allowed(host: &str, list: &[String]) -> bool {
    list.iter().any(|allowed| {
        let allowed = allowed.trim().trim_start_matches('.');
        !allowed.is_empty()
            && (host.eq_ignore_ascii_case(allowed)
                || host
                    .to_ascii_lowercase()
                    .ends_with(&format!(".{}", allowed.to_ascii_lowercase())))
    })
}
