//! Text that speaks to a program instead of to us. It is data: nothing in it is followed; a person is told.

use super::{GateInput, flat, holds, result};
use crate::model::{GateResult, Verdict};

const VERSION: u32 = 1;

/// Phrases that address a drafter, in several languages; folded and in lower case.
const PHRASES: [&str; 74] = [
    "ignore all previous",
    "ignore previous",
    "ignore the above",
    "ignore above",
    "ignore all prior",
    "ignore rules",
    "ignore your instructions",
    "disregard previous",
    "disregard the above",
    "disregard all",
    "forget your instructions",
    "forget all previous",
    "system prompt",
    "developer mode",
    "jailbreak",
    "you are now",
    "act as",
    "pretend to be",
    "as an ai",
    "ai-instruction",
    "ai instruction",
    "dear ai",
    "ai,",
    "to the ai",
    "the ai assistant",
    "language model",
    "reply exactly",
    "respond exactly",
    "start your reply with",
    "end of your reply",
    "at the end of your reply",
    "reply with http",
    "include in your reply",
    "in your draft",
    "summarize this thread",
    "summarise this thread",
    "decode and follow",
    "code word",
    "internal notes",
    "other customers",
    "customer list",
    "previous customer",
    "already approved",
    "approved_by",
    "status=approved",
    "mark vip",
    "close ticket",
    "set recipient",
    "api key",
    "api_key",
    "print it again",
    "literally",
    "ignorez les",
    "ignorez toutes",
    "client précédent",
    "ignora las",
    "ignora todas",
    "ignore las instrucciones",
    "ignoriere alle",
    "ignoriere die",
    "ignore as instruções",
    "पिछले निर्देश",
    "निर्देशों को अनदेखा",
    "निर्देश भूल",
    "تجاهل التعليمات",
    "تجاهل جميع",
    "تجاهل كل",
    "指示を無視",
    "以前の指示",
    "システムプロンプト",
    "命令を無視",
    "忽略之前",
    "忽略以上",
    "忽略所有",
];

/// Marks of prompts, tools, templates and shells; they need no word boundary.
const MARKS: [&str; 30] = [
    "<|",
    "|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "</system>",
    "<system>",
    "### instruction",
    "### system",
    "tool_use",
    "\"tool\"",
    "function_call",
    "<tool",
    "{{",
    "{%",
    "${",
    "display:none",
    "font-size:0",
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "~/.ssh",
    "\\u001b",
    "\\x1b",
    "$(",
    "bcc:",
    "<script",
    "javascript:",
    "rm -rf",
];

/// Roles that a transcript would begin lines with.
const ROLES: [&str; 7] = [
    "assistant:",
    "system:",
    "human:",
    "user:",
    "ai:",
    "developer:",
    "tool:",
];

/// What in a text addresses a program, as found; at most five.
pub fn found(text: &str) -> Vec<String> {
    let flat_text = flat(text);
    let mut out: Vec<String> = PHRASES
        .iter()
        .filter(|phrase| holds(&flat_text, phrase))
        .chain(MARKS.iter().filter(|mark| flat_text.contains(**mark)))
        .map(|found| (*found).to_owned())
        .collect();
    let role = text.lines().find_map(|line| {
        let line = flat(line);
        let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        ROLES
            .iter()
            .find(|role| line.starts_with(**role) || line.contains(&format!(") {role}")))
    });
    out.extend(role.map(|role| (*role).to_owned()));
    if out.is_empty() && has_blob(&flat_text) {
        out.push("a long coded word".to_owned());
    }
    out.truncate(5);
    out
}

/// A word of forty or more characters of base64 that is no address.
fn has_blob(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.len() >= 40
            && !word.contains("://")
            && !word.contains('@')
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-'))
    })
}

pub(super) fn check(input: &GateInput<'_>) -> GateResult {
    let found = [input.question, input.beside].map(found).concat();
    if let Some(first) = found.first() {
        return result(
            "hostile",
            VERSION,
            Verdict::Warn,
            format!(
                "The customer's text speaks to a program (\"{first}\"); nothing of it was followed."
            ),
        );
    }
    if input.hidden > 0 {
        return result(
            "hostile",
            VERSION,
            Verdict::Warn,
            format!(
                "The customer's text had {} hidden characters; they were not read.",
                input.hidden
            ),
        );
    }
    result(
        "hostile",
        VERSION,
        Verdict::Pass,
        "The customer's text speaks to us.",
    )
}
