//! Options after words that may begin with `-`.
//!
//! `search` and `label` take words such as `-invoice` and `-late`; the parser then takes whatever follows the first word
//! for a word, too, so that `search refund --json` would look for `--json`. What begins with two dashes is an option
//! wherever it stands, and is put before the words.

use clap::{ArgAction, Command};
use std::ffi::{OsStr, OsString};

/// Subcommands whose words may begin with a dash.
const WORDY: [&str; 2] = ["search", "label"];

/// The arguments of `command`, program first, in an order in which the parser understands them.
pub fn options_first(mut command: Command, given: Vec<OsString>) -> Vec<OsString> {
    command.build();
    let mut at = 1;
    while let Some(option) = given.get(at).filter(|one| is_option(one)) {
        at += 1 + usize::from(takes_value(&command, option));
    }
    let verb = given.get(at).and_then(|verb| verb.to_str());
    let Some(verb) = verb.filter(|verb| WORDY.contains(verb)) else {
        return given;
    };
    let Some(verb) = command.find_subcommand(verb) else {
        return given;
    };
    let mut rest = given.iter().skip(at + 1);
    let (mut options, mut words) = (Vec::new(), Vec::new());
    while let Some(one) = rest.next() {
        if is_option(one) {
            options.push(one.clone());
            if takes_value(verb, one) {
                options.extend(rest.next().cloned());
            }
        } else {
            words.push(one.clone());
        }
    }
    let mut ordered = given[..=at].to_vec();
    ordered.append(&mut options);
    ordered.append(&mut words);
    ordered
}

fn is_option(word: &OsStr) -> bool {
    word.len() > 2 && word.as_encoded_bytes().starts_with(b"--")
}

/// The next word is the option's value.
fn takes_value(command: &Command, option: &OsStr) -> bool {
    let name = option.to_str().and_then(|option| option.strip_prefix("--"));
    let Some(name) = name.filter(|name| !name.contains('=')) else {
        return false;
    };
    command
        .get_arguments()
        .filter(|arg| arg.get_long() == Some(name))
        .any(|arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_one_wherever_it_stands_and_a_word_stays_where_it_is() {
        for (given, expected) in [
            ("search a -b --json c", "search --json a -b c"),
            (
                "search a --limit 3 --mirror d b",
                "search --limit 3 --mirror d a b",
            ),
            ("search a --limit=3 b", "search --limit=3 a b"),
            ("--config f search a --json", "--config f search --json a"),
            ("label 1 +a -b --json", "label --json 1 +a -b"),
            ("search a --bogus b", "search --bogus a b"),
            ("search a --limit", "search --limit a"),
            ("reply 1 -m x --json", "reply 1 -m x --json"),
            ("--config search list", "--config search list"),
            ("", ""),
        ] {
            let args = |line: &str| -> Vec<OsString> {
                let words = line.split_whitespace().map(OsString::from);
                std::iter::once(OsString::from("frontdesk"))
                    .chain(words)
                    .collect()
            };
            let ordered = options_first(super::super::command(), args(given));
            assert_eq!(ordered, args(expected), "{given}");
        }
    }
}
