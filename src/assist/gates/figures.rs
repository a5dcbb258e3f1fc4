//! A number, price or date may only stand in a draft if the evidence says it.

use super::{GateInput, result};
use crate::assist::figures::figures;
use crate::model::{GateResult, Verdict};
use std::collections::BTreeSet;

const VERSION: u32 = 1;

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    let said: BTreeSet<String> = input
        .evidence
        .iter()
        .flat_map(|evidence| figures(&evidence.quote))
        .chain(figures(input.filled))
        .map(|figure| figure.value)
        .collect();
    let loose = figures(input.draft)
        .into_iter()
        .find(|figure| !said.contains(&figure.value));
    match loose {
        Some(figure) => result(
            "figures",
            VERSION,
            Verdict::Block,
            format!("The draft says \"{}\" and no evidence does.", figure.text),
        ),
        None => result(
            "figures",
            VERSION,
            Verdict::Pass,
            "Every figure is in the evidence.",
        ),
    }
}
