//! Where a secret is.

use secrecy::{ExposeSecret, SecretString};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::path::PathBuf;

/// Where a secret is, as the configuration says it: `{ env = "X" }`, `{ command = ["pass", "show", "x"] }`,
/// `{ vault = "x" }`, `{ login = "x" }`, `{ file = "~/.config/frontdesk/secrets/x" }`, `{ credential = "x" }` or `{ keyring = "x" }`.
///
/// `"vault:x"` means the same as `{ vault = "x" }`. Any other plain string is taken too, because a first try should not fail on it; [`SecretRef::is_plain`] lets the
/// loader warn.
#[derive(Clone)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// The first line that a program prints; an argument vector, never a shell's line.
    Command(Vec<String>),
    /// The first line of a file of mode 0600 or tighter that is our own; a leading `~/` is the home directory.
    File(PathBuf),
    /// An entry of the system's keyring, under the service `frontdesk`; needs the feature `keyring`.
    Keyring(String),
    /// A secret of that name in the vault.
    Vault(String),
    /// A file of that name that systemd gives the service: `LoadCredential=` or `LoadCredentialEncrypted=`.
    Credential(String),
    /// The token of a login by OAuth 2: `[logins.NAME]`.
    Login(String),
    /// The secret itself, written into the configuration.
    Plain(SecretString),
}

impl SecretRef {
    /// The secret stands in the configuration as plain text; people are warned of it.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// The vault must be open for it.
    pub fn is_in_vault(&self) -> bool {
        matches!(self, Self::Vault(_) | Self::Login(_))
    }

    /// What is shown of it to people: the source, never the secret nor a command's arguments.
    pub fn describe(&self) -> String {
        match self {
            Self::Env(name) => format!("the environment variable {name}"),
            Self::Command(argv) => {
                format!("the command `{}`", argv.first().map_or("", String::as_str))
            }
            Self::File(path) => path.display().to_string(),
            Self::Keyring(name) => format!("the keyring's entry frontdesk/{name}"),
            Self::Vault(name) => format!("`{name}` in the vault"),
            Self::Credential(name) => format!("the systemd credential {name}"),
            Self::Login(name) => format!("the login {name}"),
            Self::Plain(_) => "plain text in the configuration".to_owned(),
        }
    }

    /// As it is written into a configuration file.
    pub fn to_toml(&self) -> toml_edit::Value {
        let mut table = toml_edit::InlineTable::new();
        match self {
            Self::Env(name) => table.insert("env", name.as_str().into()),
            Self::Command(argv) => table.insert(
                "command",
                toml_edit::Value::Array(argv.iter().map(String::as_str).collect()),
            ),
            Self::File(path) => table.insert("file", path.display().to_string().into()),
            Self::Keyring(name) => table.insert("keyring", name.as_str().into()),
            Self::Vault(name) => table.insert("vault", name.as_str().into()),
            Self::Credential(name) => table.insert("credential", name.as_str().into()),
            Self::Login(name) => table.insert("login", name.as_str().into()),
            Self::Plain(secret) => return secret.expose_secret().into(),
        };
        toml_edit::Value::InlineTable(table)
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretRef({})", self.describe())
    }
}

impl PartialEq for SecretRef {
    /// Equal when both name the same source; two plain secrets are compared by content.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Env(a), Self::Env(b))
            | (Self::Keyring(a), Self::Keyring(b))
            | (Self::Vault(a), Self::Vault(b))
            | (Self::Login(a), Self::Login(b))
            | (Self::Credential(a), Self::Credential(b)) => a == b,
            (Self::Command(a), Self::Command(b)) => a == b,
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Plain(a), Self::Plain(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

impl Eq for SecretRef {}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RefVisitor)
    }
}

struct RefVisitor;

const SOURCES: &[&str] = &[
    "vault",
    "login",
    "env",
    "command",
    "file",
    "credential",
    "keyring",
];

/// In front of a vault's name, where a secret's place is one string.
const VAULT: &str = "vault:";

impl<'de> Visitor<'de> for RefVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            r#"{ vault = "NAME" }, { login = "NAME" }, { env = "NAME" }, { command = ["program", "argument"] }, { file = "PATH" }, { credential = "NAME" } or { keyring = "NAME" }"#,
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretRef, E> {
        Ok(match text.strip_prefix(VAULT) {
            Some(name) => SecretRef::Vault(name.to_owned()),
            None => SecretRef::Plain(text.into()),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
        let mut found = None;
        while let Some(source) = map.next_key::<String>()? {
            if found.is_some() {
                return Err(de::Error::custom(
                    "a secret has one source: `vault`, `login`, `env`, `command`, `file`, `credential` or `keyring`",
                ));
            }
            found = Some(match source.as_str() {
                "env" => SecretRef::Env(map.next_value()?),
                "command" => {
                    let argv: Vec<String> = map.next_value()?;
                    if argv.is_empty() {
                        return Err(de::Error::custom(
                            r#"`command` is a list that begins with a program: ["pass", "show", "mail"]"#,
                        ));
                    }
                    SecretRef::Command(argv)
                }
                "file" => SecretRef::File(map.next_value::<String>()?.into()),
                "keyring" => SecretRef::Keyring(map.next_value()?),
                "vault" => SecretRef::Vault(map.next_value()?),
                "login" => SecretRef::Login(map.next_value()?),
                "credential" => SecretRef::Credential(map.next_value()?),
                unknown => return Err(de::Error::unknown_field(unknown, SOURCES)),
            });
        }
        found.ok_or_else(|| {
            de::Error::custom("a secret needs a source: `vault`, `login`, `env`, `command`, `file`, `credential` or `keyring`")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Holder {
        password: SecretRef,
    }

    fn parse(value: &str) -> Result<SecretRef, String> {
        toml::from_str::<Holder>(&format!("password = {value}"))
            .map(|holder| holder.password)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn each_source_is_read_and_written_alike() {
        for (text, wanted) in [
            (r#"{ env = "MAIL" }"#, SecretRef::Env("MAIL".into())),
            (
                r#"{ command = ["pass", "show", "x"] }"#,
                SecretRef::Command(vec!["pass".into(), "show".into(), "x".into()]),
            ),
            (r#"{ file = "~/x" }"#, SecretRef::File("~/x".into())),
            (r#"{ keyring = "x" }"#, SecretRef::Keyring("x".into())),
            (r#"{ vault = "x" }"#, SecretRef::Vault("x".into())),
            (r#"{ login = "x" }"#, SecretRef::Login("x".into())),
            (r#"{ credential = "x" }"#, SecretRef::Credential("x".into())),
            (r#""hunter2""#, SecretRef::Plain("hunter2".into())),
        ] {
            let read = parse(text).unwrap();
            assert_eq!(read, wanted);
            assert_eq!(read.to_toml().to_string(), text);
            assert_eq!(read.is_plain(), text.starts_with('"'));
        }
    }

    #[test]
    fn the_vault_can_be_named_in_one_string() {
        let read = parse(r#""vault:support""#).unwrap();
        assert_eq!(read, SecretRef::Vault("support".into()));
        assert!(!read.is_plain());
    }

    #[test]
    fn wrong_forms_say_what_is_allowed() {
        for (text, words) in [
            (
                "{ envv = \"X\" }",
                "expected one of `vault`, `login`, `env`, `command`, `file`, `credential`, `keyring`",
            ),
            ("{ env = \"X\", file = \"y\" }", "one source"),
            ("{}", "needs a source"),
            ("{ command = [] }", "begins with a program"),
            ("12", "{ env = \"NAME\" }"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn neither_secret_nor_arguments_are_printed() {
        let plain = format!("{:?}", parse("\"hunter2\"").unwrap());
        assert!(!plain.contains("hunter2"), "{plain}");
        let command = format!(
            "{:?}",
            parse(r#"{ command = ["echo", "hunter2"] }"#).unwrap()
        );
        assert!(!command.contains("hunter2"), "{command}");
        let json = SecretRef::deserialize(serde_json::json!("hunter2")).unwrap();
        assert!(!json.describe().contains("hunter2"));
    }
}
