//! `man`: the manual page, made from the command line itself and the key table.

use super::context::Context;
use super::failure::{Done, Failure};
use crate::ui::action::{Scope, TABLE};
use crate::ui::key::show;
use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// Of what.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A subcommand, such as `reply` or `account add` [default: the program].
    #[arg(value_name = "SUBCOMMAND")]
    pub subcommand: Vec<String>,
}

pub fn run(args: &ManArgs, context: &mut Context) -> Done {
    let mut command = super::command();
    command.build();
    for word in &args.subcommand {
        command = command
            .find_subcommand(word)
            .cloned()
            .ok_or_else(|| Failure::Usage(format!("there is no subcommand `{word}`")))?;
    }
    let whole = args.subcommand.is_empty();
    let title = command
        .get_display_name()
        .unwrap_or("frontdesk")
        .to_uppercase();
    let mut page = Vec::new();
    Man::new(command).title(title).render(&mut page)?;
    if whole {
        keys().to_writer(&mut page)?;
    }
    context.out.own(&page)
}

/// The screen's keys, place by place.
fn keys() -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["KEYS"]);
    for scope in Scope::ALL {
        section.control("SS", [scope.name()]);
        for row in TABLE.iter().filter(|row| row.scope == scope) {
            let keys: Vec<String> = row.sequences().map(|keys| show(&keys)).collect();
            section.control("TP", []);
            section.text([bold(keys.join(", "))]);
            section.text([roman(row.long)]);
        }
    }
    section
}
