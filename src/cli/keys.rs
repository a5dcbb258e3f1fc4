//! `keys`: the key table as it is in force, the user's own bindings included.

use super::context::Context;
use super::failure::Done;
use super::print::diagnostic;
use crate::config::load_keymap;
use crate::ui::action::{Row, Scope, TABLE};
use crate::ui::key::show;
use crate::ui::keymap::Keymap;
use serde::Serialize;

#[derive(Serialize)]
struct Listed<'a> {
    scope: &'a str,
    keys: Vec<String>,
    action: &'a str,
    does: &'a str,
}

pub fn run(context: &mut Context) -> Done {
    let (keymap, problems) = load_keymap(&context.config.keymap);
    for problem in &problems {
        diagnostic(&problem.line());
    }
    let listed: Vec<Listed<'_>> = Scope::ALL
        .into_iter()
        .flat_map(|scope| TABLE.iter().filter(move |row| row.scope == scope))
        .map(|row| Listed {
            scope: row.scope.name(),
            keys: keys(row, &keymap),
            action: row.name,
            does: row.long,
        })
        .collect();
    for entry in &listed {
        context.out.value(entry)?;
    }
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|entry| {
            let keys = entry.keys.join("  ");
            [entry.scope, keys.as_str(), entry.action, entry.does]
                .map(str::to_owned)
                .into()
        })
        .collect();
    context.out.rows(&rows)
}

/// The keys in force; none when they were taken away.
fn keys(row: &Row, keymap: &Keymap) -> Vec<String> {
    let bound = keymap.all_keys_of(row.action);
    bound.iter().map(|sequence| show(sequence)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use std::path::Path;

    const BEGIN: &str = "renews it -->\n";
    const END: &str = "<!-- /keys -->";

    /// The preset as a table in Markdown: a row for each place.
    fn markdown() -> String {
        let mut out = String::from("| where | keys |\n|---|---|\n");
        for scope in Scope::ALL {
            let rows = TABLE.iter().filter(|row| row.scope == scope);
            let cells: Vec<String> = rows
                .map(|row| {
                    let keys = row.sequences().map(|keys| show(&keys).replace('|', "\\|"));
                    let keys: Vec<String> = keys.map(|keys| format!("`{keys}`")).collect();
                    format!("{} {}", keys.join(" "), row.short.replace('|', "\\|"))
                })
                .collect();
            let _ = writeln!(out, "| {} | {} |", scope.name(), cells.join(" · "));
        }
        out
    }

    #[test]
    fn the_readme_shows_the_action_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, rest) = text.split_once(BEGIN).unwrap();
        let (table, tail) = rest.split_once(END).unwrap();
        if std::env::var_os("UPDATE_ASSETS").is_some() {
            std::fs::write(&path, format!("{head}{BEGIN}{}{END}{tail}", markdown())).unwrap();
            return;
        }
        assert!(table == markdown(), "run with UPDATE_ASSETS=1 to renew it");
    }
}
