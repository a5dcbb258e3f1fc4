//! How a person sets up an account: what to click at the vendor, and what to copy from there.

/// The steps for one provider.
#[derive(Debug, Clone, Copy)]
pub struct Guide {
    /// The provider's name in the configuration.
    pub provider: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// What to do at the vendor, in order.
    pub steps: &'static [&'static str],
    /// What is asked, in order.
    pub fields: &'static [Field],
    /// What is left to do once it is saved; `{url}` is the address for the vendor's requests.
    pub after: &'static [&'static str],
}

/// One thing to copy from the vendor.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key in the configuration.
    pub key: &'static str,
    /// The question.
    pub ask: &'static str,
    /// May be left empty.
    pub optional: bool,
    /// What it is.
    pub kind: Kind,
}

/// What an answer is, and so how it is checked while it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// Digits only, as vendors number things.
    Number,
    /// A phone number with `+` and country, or several with commas.
    Phones,
    /// Never shown, never written into the configuration.
    Secret,
}

impl Field {
    /// A thing that must be answered.
    pub const fn needed(key: &'static str, ask: &'static str, kind: Kind) -> Self {
        Self {
            key,
            ask,
            optional: false,
            kind,
        }
    }

    /// A thing that may be left empty.
    pub const fn optional(key: &'static str, ask: &'static str, kind: Kind) -> Self {
        Self {
            key,
            ask,
            optional: true,
            kind,
        }
    }

    /// Whether an answer can be right; else what it should look like.
    pub fn check(&self, answer: &str) -> Result<(), String> {
        if answer.is_empty() {
            return if self.optional {
                Ok(())
            } else {
                Err("this is needed".to_owned())
            };
        }
        if answer.chars().any(char::is_control) {
            return Err("this has characters that cannot be typed; copy it again".to_owned());
        }
        match self.kind {
            Kind::Text => Ok(()),
            Kind::Secret if answer.contains(char::is_whitespace) => {
                Err("a token has no spaces; copy it again".to_owned())
            }
            Kind::Secret => Ok(()),
            Kind::Number if answer.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            Kind::Number => Err("these are digits only".to_owned()),
            Kind::Phones => {
                for phone in answer.split(',') {
                    let digits = phone.trim().strip_prefix('+').unwrap_or_default();
                    let fine = (7..=15).contains(&digits.len())
                        && digits.bytes().all(|byte| byte.is_ascii_digit());
                    if !fine {
                        return Err(format!("`{}` is no number like +15550001111", phone.trim()));
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_checked_while_they_are_typed() {
        let field = |kind| Field::needed("k", "K", kind);
        let table = [
            (Kind::Text, "", false),
            (Kind::Text, "a b", true),
            (Kind::Text, "a\u{1b}[2J", false),
            (Kind::Number, "123", true),
            (Kind::Number, "12a", false),
            (Kind::Secret, "EAAx", true),
            (Kind::Secret, "EAA x", false),
            (Kind::Phones, "+15550001111, +442071838750", true),
            (Kind::Phones, "15550001111", false),
            (Kind::Phones, "+1555", false),
        ];
        for (kind, answer, fine) in table {
            assert_eq!(field(kind).check(answer).is_ok(), fine, "{kind:?} {answer}");
        }
        assert!(Field::optional("k", "K", Kind::Number).check("").is_ok());
    }
}
