//! Refunds: above the configured limit they are for people to speak of.

use super::{GateInput, flat, holds, result};
use crate::assist::figures::{FigureKind, amount, figures};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

const WORDS: [&str; 22] = [
    "refund",
    "refunds",
    "refunded",
    "money back",
    "reimburse",
    "reimbursement",
    "chargeback",
    "compensation",
    "reembolso",
    "devolución",
    "devolver el dinero",
    "mi dinero",
    "रिफंड",
    "पैसे वापस",
    "धनवापसी",
    "استرداد",
    "استرجاع المبلغ",
    "تعويض",
    "返金",
    "払い戻し",
    "返品",
    "賠償",
];

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    let limit = f64::from(input.settings.refund_limit);
    let mut asked = false;
    for (who, text) in [("draft", input.draft), ("customer", input.question)] {
        let speaks = flat(text);
        if !WORDS.iter().any(|word| holds(&speaks, &flat(word))) {
            continue;
        }
        asked = true;
        let over = figures(text)
            .into_iter()
            .filter(|figure| figure.kind == FigureKind::Money)
            .find(|figure| amount(figure).is_none_or(|amount| amount > limit));
        if let Some(figure) = over {
            return result(
                "refunds",
                VERSION,
                Verdict::Block,
                format!(
                    "The {who} speaks of a refund and of {}, above the limit of {limit}; a person must write the answer.",
                    figure.text
                ),
            );
        }
    }
    if asked {
        return result(
            "refunds",
            VERSION,
            Verdict::Warn,
            "This is about a refund; promise none that accounts has not agreed to.",
        );
    }
    result("refunds", VERSION, Verdict::Pass, "No refund is spoken of.")
}
