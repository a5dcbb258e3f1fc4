//! Which mailboxes there are, and what they are for.

use super::error::ImapError;
use super::response::{Data, MailboxStatus};
use super::session::{ImapSession, quote};
use super::utf7;

/// What a mailbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Where mail arrives.
    Inbox,
    /// Everything, at Gmail.
    All,
    /// What was sent.
    Sent,
    /// What was put away.
    Archive,
    /// Spam.
    Junk,
    /// What was thrown away.
    Trash,
    /// What is being written.
    Drafts,
    /// Anything else.
    Other,
}

/// One mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its name as people write it: the scope of its messages.
    pub name: String,
    /// Its name on the wire, without quotes.
    pub wire: String,
    /// What it is for.
    pub role: Role,
    /// The role is the server's word, not a guess by name.
    pub role_told: bool,
}

impl Folder {
    fn from_list(attributes: &[String], wire: &[u8]) -> Option<Self> {
        let told = |name: &str| attributes.iter().any(|attribute| attribute == name);
        if told("\\noselect") || told("\\nonexistent") {
            return None;
        }
        let text = std::str::from_utf8(wire).ok()?;
        if text.is_empty() || text.chars().any(char::is_control) {
            return None;
        }
        let name = utf7::decode(wire).unwrap_or_else(|| text.to_owned());
        let by_attribute = [
            ("\\all", Role::All),
            ("\\sent", Role::Sent),
            ("\\archive", Role::Archive),
            ("\\junk", Role::Junk),
            ("\\trash", Role::Trash),
            ("\\drafts", Role::Drafts),
        ]
        .into_iter()
        .find(|(attribute, _)| told(attribute))
        .map(|(_, role)| role);
        let inbox = name.eq_ignore_ascii_case("INBOX");
        Some(Self {
            role: if inbox {
                Role::Inbox
            } else {
                by_attribute.unwrap_or_else(|| role_by_name(&name))
            },
            role_told: inbox || by_attribute.is_some(),
            name: if inbox { "INBOX".to_owned() } else { name },
            wire: text.to_owned(),
        })
    }
}

/// The names that servers and programs give these mailboxes where no attribute tells.
fn role_by_name(name: &str) -> Role {
    let last = name
        .rsplit(['/', '.'])
        .next()
        .unwrap_or(name)
        .to_lowercase();
    match last.as_str() {
        "sent" | "sent items" | "sent messages" | "sent mail" | "gesendet"
        | "gesendete elemente" | "envoyés" | "enviados" => Role::Sent,
        "archive" | "archives" | "archiv" => Role::Archive,
        "junk" | "spam" | "junk e-mail" | "junk email" | "bulk mail" => Role::Junk,
        "trash" | "deleted items" | "deleted messages" | "papierkorb" | "bin" => Role::Trash,
        "drafts" | "draft" | "entwürfe" => Role::Drafts,
        _ => Role::Other,
    }
}

impl ImapSession {
    /// Every mailbox that can be opened.
    pub async fn folders(&mut self) -> Result<Vec<Folder>, ImapError> {
        let command = if self.has("SPECIAL-USE") && self.has("LIST-EXTENDED") {
            "LIST \"\" \"*\" RETURN (SPECIAL-USE)"
        } else {
            "LIST \"\" \"*\""
        };
        let mut folders: Vec<Folder> = Vec::new();
        self.run_into(command, &mut |data| {
            if let Data::List { attributes, name } = data
                && let Some(folder) = Folder::from_list(&attributes, &name)
                && !folders.iter().any(|known| known.name == folder.name)
            {
                folders.push(folder);
            }
        })
        .await?;
        // A guess by name gives way to the server's word, and only one folder is guessed for each role.
        let mut taken: Vec<Role> = folders
            .iter()
            .filter(|folder| folder.role_told)
            .map(|folder| folder.role)
            .collect();
        for folder in folders.iter_mut().filter(|folder| !folder.role_told) {
            if taken.contains(&folder.role) {
                folder.role = Role::Other;
            } else {
                taken.push(folder.role);
            }
        }
        Ok(folders)
    }

    /// The numbers of each folder, without opening it; `None` for one that refused.
    pub async fn statuses(
        &mut self,
        folders: &[&Folder],
    ) -> Result<Vec<Option<MailboxStatus>>, ImapError> {
        let items = if self.has_condstore() {
            "MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ"
        } else {
            "MESSAGES UIDNEXT UIDVALIDITY"
        };
        let commands: Vec<String> = folders
            .iter()
            .map(|folder| format!("STATUS {} ({items})", quote(&folder.wire)))
            .collect();
        let mut told: Vec<MailboxStatus> = Vec::new();
        let ended = self
            .run_all(&commands, 4, &mut |data| {
                if let Data::Mailbox(status) = data {
                    told.push(*status);
                }
            })
            .await?;
        Ok(folders
            .iter()
            .zip(ended)
            .map(|(folder, ended)| {
                ended.ok()?;
                told.iter()
                    .rev()
                    .find(|status| same_mailbox(&status.name, &folder.wire))
                    .cloned()
            })
            .collect())
    }
}

fn same_mailbox(told: &[u8], wire: &str) -> bool {
    told == wire.as_bytes()
        || (wire.eq_ignore_ascii_case("INBOX") && told.eq_ignore_ascii_case(b"INBOX"))
}

/// The folders that are read: those named, or the usual ones.
///
/// At Gmail a message in three labels would come three times, and it is in All Mail anyway.
pub fn choose<'a>(folders: &'a [Folder], named: &[String], gmail: bool) -> Vec<&'a Folder> {
    let mut chosen: Vec<&Folder> = if named.is_empty() {
        let everything = gmail && folders.iter().any(|folder| folder.role == Role::All);
        let wanted: &[Role] = if everything {
            &[Role::All, Role::Junk, Role::Trash]
        } else {
            &[Role::Inbox, Role::Sent, Role::Archive, Role::Junk]
        };
        folders
            .iter()
            .filter(|folder| wanted.contains(&folder.role))
            .collect()
    } else {
        folders
            .iter()
            .filter(|folder| {
                named.iter().any(|name| {
                    *name == folder.name
                        || (folder.role == Role::Inbox && name.eq_ignore_ascii_case("INBOX"))
                })
            })
            .collect()
    };
    chosen.sort_by_key(|folder| folder.role);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(attributes: &str, name: &str) -> Folder {
        let attributes: Vec<String> = attributes.split(' ').map(str::to_owned).collect();
        Folder::from_list(&attributes, name.as_bytes()).unwrap()
    }

    #[test]
    fn roles_by_word_and_by_name() {
        for (attributes, name, role) in [
            ("", "inbox", Role::Inbox),
            ("\\sent", "Gesendet", Role::Sent),
            ("", "INBOX.Sent Items", Role::Sent),
            ("", "Spam", Role::Junk),
            ("\\all", "[Gmail]/All Mail", Role::All),
            ("", "Projects", Role::Other),
        ] {
            assert_eq!(folder(attributes, name).role, role, "{name}");
        }
        assert_eq!(Folder::from_list(&["\\noselect".into()], b"[Gmail]"), None);
        assert_eq!(Folder::from_list(&[], b"a\x1b[2J"), None);
        assert_eq!(folder("", "Entw&APw-rfe").name, "Entwürfe");
    }

    #[test]
    fn the_usual_folders_and_gmails() {
        let plain = [
            folder("\\junk", "Junk"),
            folder("", "INBOX"),
            folder("\\trash", "Trash"),
            folder("\\sent", "Sent"),
        ];
        let names = |chosen: Vec<&Folder>| -> Vec<String> {
            chosen
                .into_iter()
                .map(|folder| folder.name.clone())
                .collect()
        };
        assert_eq!(names(choose(&plain, &[], false)), ["INBOX", "Sent", "Junk"]);
        assert_eq!(
            names(choose(&plain, &["Trash".into(), "inbox".into()], false)),
            ["INBOX", "Trash"]
        );
        let gmail = [
            folder("", "INBOX"),
            folder("\\all", "[Gmail]/All Mail"),
            folder("\\sent", "[Gmail]/Sent Mail"),
            folder("\\junk", "[Gmail]/Spam"),
            folder("\\trash", "[Gmail]/Trash"),
        ];
        assert_eq!(
            names(choose(&gmail, &[], true)),
            ["[Gmail]/All Mail", "[Gmail]/Spam", "[Gmail]/Trash"]
        );
    }
}
