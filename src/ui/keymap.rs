//! From keys to actions: the preset of the action table, overlaid entry by entry by the user's file.

use super::action::{Action, Scope, TABLE};
use super::key::{Key, parse_sequence};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One entry of the user's `keymap.toml`.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct KeymapEntry {
    /// Where: a scope's name.
    pub scope: String,
    /// Keys, separated by spaces.
    pub on: String,
    /// The action's name, or `none` to free the keys.
    pub run: String,
    /// A remark for the help screen.
    #[serde(default)]
    pub desc: Option<String>,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such scope.
    #[error(
        "there is no scope `{0}`; scopes are anywhere, list, conversation, composer, review, approvals, outbox, pages"
    )]
    Scope(String),
    /// No such action.
    #[error("there is no action `{0}`; `frontdesk keys` lists them")]
    Action(String),
    /// Not keys.
    #[error("{0}")]
    Keys(#[from] super::key::NotAKey),
    /// The keys begin, or are begun by, another entry's.
    #[error("`{on}` cannot be reached: `{other}` is already bound in {scope}")]
    Hidden {
        /// The keys.
        on: String,
        /// The keys in the way.
        other: String,
        /// Where.
        scope: String,
    },
}

/// What a sequence of keys means so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is this action.
    Action(Action),
    /// It is the beginning of something.
    Prefix,
    /// It is nothing.
    Nothing,
}

/// Keys to actions, by scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap(BTreeMap<Scope, BTreeMap<Vec<Key>, Action>>);

impl Default for Keymap {
    fn default() -> Self {
        let mut map: BTreeMap<Scope, BTreeMap<Vec<Key>, Action>> = BTreeMap::new();
        for row in TABLE {
            for sequence in row.sequences() {
                map.entry(row.scope)
                    .or_default()
                    .insert(sequence, row.action);
            }
        }
        Self(map)
    }
}

impl Keymap {
    /// Overlays one entry.
    ///
    /// # Errors
    /// Says what is wrong with the entry, which then changes nothing.
    pub fn overlay(&mut self, entry: &KeymapEntry) -> Result<(), KeymapError> {
        let scope = Scope::ALL
            .into_iter()
            .find(|scope| scope.name() == entry.scope)
            .ok_or_else(|| KeymapError::Scope(entry.scope.clone()))?;
        let keys = parse_sequence(&entry.on)?;
        let bound = self.0.entry(scope).or_default();
        if entry.run == "none" {
            bound.remove(&keys);
            return Ok(());
        }
        let action =
            Action::by_name(&entry.run).ok_or_else(|| KeymapError::Action(entry.run.clone()))?;
        if let Some(other) = bound
            .keys()
            .find(|other| **other != keys && (other.starts_with(&keys) || keys.starts_with(other)))
        {
            return Err(KeymapError::Hidden {
                on: entry.on.clone(),
                other: super::key::show(other),
                scope: entry.scope.clone(),
            });
        }
        bound.insert(keys, action);
        Ok(())
    }

    /// What `keys` mean where `scopes` are active, innermost first.
    pub fn find(&self, scopes: &[Scope], keys: &[Key]) -> Found {
        let mut prefix = false;
        for scope in scopes {
            let Some(bound) = self.0.get(scope) else {
                continue;
            };
            if let Some(action) = bound.get(keys) {
                return Found::Action(*action);
            }
            prefix |= bound
                .keys()
                .any(|bound| bound.len() > keys.len() && bound.starts_with(keys));
        }
        if prefix {
            Found::Prefix
        } else {
            Found::Nothing
        }
    }

    /// What may follow `keys`, for which-key: the rest of the sequence and the action.
    pub fn following(&self, scopes: &[Scope], keys: &[Key]) -> Vec<(Vec<Key>, Action)> {
        let mut rest: BTreeMap<Vec<Key>, Action> = BTreeMap::new();
        for scope in scopes.iter().rev() {
            for (bound, action) in self.0.get(scope).into_iter().flatten() {
                if bound.len() > keys.len() && bound.starts_with(keys) {
                    rest.insert(bound[keys.len()..].to_vec(), *action);
                }
            }
        }
        rest.into_iter().collect()
    }

    /// The first keys of an action in a scope, for footers; the preset's order decides between several.
    pub fn keys_of(&self, action: Action) -> Option<Vec<Key>> {
        let row = action.row();
        let bound = self.0.get(&row.scope)?;
        row.sequences()
            .find(|keys| bound.get(keys) == Some(&action))
            .or_else(|| {
                let found = bound.iter().find(|(_, to)| **to == action);
                found.map(|(keys, _)| keys.clone())
            })
    }

    /// All keys of an action.
    pub fn all_keys_of(&self, action: Action) -> Vec<Vec<Key>> {
        let bound = self.0.values().flatten();
        bound
            .filter(|(_, to)| **to == action)
            .map(|(keys, _)| keys.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        parse_sequence(text).expect("keys")
    }

    fn entry(scope: &str, on: &str, run: &str) -> KeymapEntry {
        KeymapEntry {
            scope: scope.into(),
            on: on.into(),
            run: run.into(),
            desc: None,
        }
    }

    #[test]
    fn inner_scopes_win_and_prefixes_wait() {
        let map = Keymap::default();
        let list = [Scope::List, Scope::Anywhere];
        assert_eq!(map.find(&list, &keys("e")), Found::Action(Action::Resolve));
        assert_eq!(map.find(&list, &keys("g")), Found::Prefix);
        assert_eq!(
            map.find(&list, &keys("g i")),
            Found::Action(Action::GoInbox)
        );
        assert_eq!(map.find(&list, &keys("g x")), Found::Nothing);
        let approvals = [Scope::Approvals, Scope::Anywhere];
        assert_eq!(
            map.find(&approvals, &keys("e")),
            Found::Action(Action::EditProposal)
        );
        assert!(map.following(&list, &keys("g")).len() > 10);
    }

    #[test]
    fn entries_overlay_one_by_one() {
        let mut map = Keymap::default();
        map.overlay(&entry("list", "d d", "resolve"))
            .expect("taken");
        map.overlay(&entry("list", "e", "none")).expect("taken");
        let list = [Scope::List, Scope::Anywhere];
        assert_eq!(
            map.find(&list, &keys("d d")),
            Found::Action(Action::Resolve)
        );
        assert_eq!(map.find(&list, &keys("e")), Found::Nothing);
        assert_eq!(map.keys_of(Action::Resolve), Some(keys("d d")));
        for (wrong, says) in [
            (entry("lists", "x", "resolve"), "no scope"),
            (entry("list", "x", "resolved"), "no action"),
            (entry("list", "Ctrl-x", "resolve"), "not a key"),
            (entry("list", "g", "resolve"), "cannot be reached"),
        ] {
            let error = map.overlay(&wrong).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
