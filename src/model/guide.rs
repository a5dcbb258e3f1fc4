//! How a person sets up an account: what to click at the vendor, what to copy from there, and what each thing tried
//! was found to be. Pure data, so that screen and command line ask the same.

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
    /// What is left to do once it is saved; `{url}` is the address for the vendor's requests, `{word}` the word of the
    /// handshake, `{account}` the account's name.
    pub after: &'static [&'static str],
    /// More to know, by what was answered so far.
    pub advice: fn(&Answers) -> Vec<&'static str>,
}

impl Guide {
    /// A guide has no more to say than its steps.
    pub const fn silent(_: &Answers) -> Vec<&'static str> {
        Vec::new()
    }

    /// The field of that key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// Answers so far that may be shown, by their field's key. A secret is given, or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(Vec<(&'static str, Option<String>)>);

impl Answers {
    /// An answer that may be shown.
    pub fn put(&mut self, key: &'static str, text: &str) {
        self.0.push((key, Some(text.to_owned())));
    }

    /// A secret was given.
    pub fn put_hidden(&mut self, key: &'static str) {
        self.0.push((key, None));
    }

    /// The answer; empty where there is none and for secrets.
    pub fn get(&self, key: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| *known == key);
        found.and_then(|(_, text)| text.as_deref()).unwrap_or("")
    }

    /// Whether there is an answer.
    pub fn given(&self, key: &str) -> bool {
        let found = self.0.iter().find(|(known, _)| *known == key);
        found.is_some_and(|(_, text)| text.as_ref().is_none_or(|text| !text.is_empty()))
    }
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
    /// What is proposed, by the other answers; empty for nothing.
    pub propose: fn(&Answers) -> String,
    /// Whether it is asked at all, by the other answers.
    pub wanted: fn(&Answers) -> bool,
    /// Asked only of people who want more settings; what is proposed is what holds without an answer.
    pub more: bool,
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
    /// A short name, as accounts have.
    Name,
    /// A mail address.
    Mail,
    /// A server, as `HOST` or `HOST:PORT`; `starttls:` in front where it begins in the clear.
    Server,
    /// The address of a vendor's interface.
    Url,
    /// One of these words, each with what it means.
    Choice(&'static [(&'static str, &'static str)]),
    /// Never shown, never written into the configuration.
    Secret,
    /// A secret that is given to the vendor for its handshake; made where none is given.
    Word,
}

impl Kind {
    /// Never shown while it is typed.
    pub fn hidden(self) -> bool {
        matches!(self, Self::Secret | Self::Word)
    }
}

fn nothing(_: &Answers) -> String {
    String::new()
}

fn always(_: &Answers) -> bool {
    true
}

impl Field {
    /// A thing that must be answered.
    pub const fn needed(key: &'static str, ask: &'static str, kind: Kind) -> Self {
        Self {
            key,
            ask,
            optional: false,
            kind,
            propose: nothing,
            wanted: always,
            more: false,
        }
    }

    /// A thing that may be left empty.
    pub const fn optional(key: &'static str, ask: &'static str, kind: Kind) -> Self {
        Self {
            optional: true,
            ..Self::needed(key, ask, kind)
        }
    }

    /// The same with something proposed.
    #[must_use]
    pub const fn proposing(self, propose: fn(&Answers) -> String) -> Self {
        Self { propose, ..self }
    }

    /// A thing that most people leave as it is.
    pub const fn more(key: &'static str, ask: &'static str, kind: Kind) -> Self {
        Self {
            more: true,
            ..Self::optional(key, ask, kind)
        }
    }

    /// The same, asked by other answers only.
    #[must_use]
    pub const fn when(self, wanted: fn(&Answers) -> bool) -> Self {
        Self { wanted, ..self }
    }

    /// Whether an answer can be right; else what it should look like.
    ///
    /// # Errors
    /// In words, to be shown beside the field.
    pub fn check(&self, answer: &str) -> Result<(), String> {
        if answer.is_empty() {
            return if self.optional || self.kind == Kind::Word {
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
            Kind::Secret | Kind::Word
                if answer.contains(char::is_whitespace) && self.key != "password" =>
            {
                Err("a token has no spaces; copy it again".to_owned())
            }
            Kind::Secret | Kind::Word => Ok(()),
            Kind::Number if answer.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            Kind::Number => Err("these are digits only".to_owned()),
            Kind::Phones => phones(answer),
            Kind::Name => name(answer),
            Kind::Mail => mail(answer),
            Kind::Server => server(answer),
            Kind::Url => url(answer),
            Kind::Choice(words) => {
                if words.iter().any(|(word, _)| *word == answer) {
                    return Ok(());
                }
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(format!("one of: {}", known.join(", ")))
            }
        }
    }
}

fn phones(answer: &str) -> Result<(), String> {
    for phone in answer.split(',') {
        let digits = phone.trim().strip_prefix('+').unwrap_or_default();
        let fine = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !fine {
            return Err(format!("`{}` is no number like +15550001111", phone.trim()));
        }
    }
    Ok(())
}

fn name(answer: &str) -> Result<(), String> {
    let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if answer.chars().count() > 40 || answer.contains(odd) {
        return Err("a name is up to 40 letters, digits, `.`, `_` or `-`".to_owned());
    }
    Ok(())
}

fn mail(answer: &str) -> Result<(), String> {
    match answer.rsplit_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && domain.contains('.')
                && !answer.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err("an address looks like support@desk.example".to_owned()),
    }
}

fn url(answer: &str) -> Result<(), String> {
    let place = ["https://", "http://"]
        .iter()
        .find_map(|scheme| answer.strip_prefix(scheme));
    match place {
        Some(place)
            if !place.is_empty()
                && !place.starts_with('/')
                && !answer.contains(|c: char| c.is_whitespace() || matches!(c, '?' | '#')) =>
        {
            Ok(())
        }
        _ => Err("an address looks like https://api.example.com".to_owned()),
    }
}

fn server(answer: &str) -> Result<(), String> {
    let place = answer.strip_prefix("starttls:").unwrap_or(answer);
    let (host, port) = match place.rsplit_once(':') {
        // An IPv6 address without brackets has more colons and no port.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("a port is a number up to 65535".to_owned());
    }
    let odd = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']'));
    if host.is_empty() || host.contains(odd) {
        return Err("write HOST or HOST:PORT".to_owned());
    }
    Ok(())
}

/// One thing tried when an account is tested.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What.
    pub name: String,
    /// Did it work.
    pub ok: bool,
    /// What was found, or what is wrong and how to mend it.
    pub says: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_checked_while_they_are_typed() {
        const WAYS: Kind = Kind::Choice(&[("password", "typed"), ("browser", "by a browser")]);
        let field = |kind| Field::needed("k", "K", kind);
        let table = [
            (Kind::Text, "", false),
            (Kind::Text, "a b", true),
            (Kind::Text, "a\u{1b}[2J", false),
            (Kind::Number, "123", true),
            (Kind::Number, "12a", false),
            (Kind::Secret, "EAAx", true),
            (Kind::Secret, "EAA x", false),
            (Kind::Word, "", true),
            (Kind::Phones, "+15550001111, +442071838750", true),
            (Kind::Phones, "15550001111", false),
            (Kind::Phones, "+1555", false),
            (Kind::Name, "support-2", true),
            (Kind::Name, "a b", false),
            (Kind::Mail, "support@desk.example", true),
            (Kind::Mail, "support@desk", false),
            (Kind::Mail, "support", false),
            (Kind::Server, "imap.desk.example", true),
            (Kind::Server, "starttls:imap.desk.example:143", true),
            (Kind::Server, "[::1]:1993", true),
            (Kind::Server, "::1", true),
            (Kind::Server, "h:x", false),
            (Kind::Server, "https://h", false),
            (Kind::Server, "a b", false),
            (Kind::Url, "https://api.example.com/v1", true),
            (Kind::Url, "http://127.0.0.1:8081", true),
            (Kind::Url, "api.example.com", false),
            (Kind::Url, "https://", false),
            (Kind::Url, "https://a b", false),
            (WAYS, "browser", true),
            (WAYS, "fax", false),
        ];
        for (kind, answer, fine) in table {
            assert_eq!(field(kind).check(answer).is_ok(), fine, "{kind:?} {answer}");
        }
        assert!(Field::optional("k", "K", Kind::Number).check("").is_ok());
    }

    #[test]
    fn a_secret_is_given_and_never_told() {
        let mut answers = Answers::default();
        answers.put("name", "");
        answers.put("id", "12");
        answers.put_hidden("token");
        assert!(answers.given("token") && answers.given("id") && !answers.given("name"));
        assert_eq!((answers.get("token"), answers.get("id")), ("", "12"));
    }
}
