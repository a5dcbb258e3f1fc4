//! What can be written on the command line. Each option is declared once, here or in its subcommand's file; help,
//! completions and manual are derived.

use super::verb::Verb;
use super::{
    account, attachment, bench, completions, config, export, init, man, mirror, roster, screen,
    ssh_shell, sync, vault,
};
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// The agent inbox for the terminal: every customer channel, one keyboard, no server in between.
///
/// Without a subcommand the screen opens. `frontdesk demo` opens it on an invented world, without any account.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 refused or something missing, 2 usage or failure, 130 interrupted."
)]
pub struct Cli {
    /// Options of every subcommand.
    #[command(flatten)]
    pub common: Common,
    /// Options of the screen.
    #[command(flatten)]
    pub look: Look,
    /// What to do; none opens the screen.
    #[command(subcommand)]
    pub job: Option<Job>,
}

/// Options of every subcommand.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Print JSON, one object per line; times are milliseconds since 1970.
    #[arg(long, global = true)]
    pub json: bool,
    /// The configuration file [default: $FRONTDESK_CONFIG or ~/.config/frontdesk/config.toml].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the mirror [default: as configured].
    #[arg(long, global = true, value_name = "DIR")]
    pub mirror: Option<PathBuf>,
}

/// How the screen looks.
#[derive(Debug, Clone, Args)]
pub struct Look {
    /// One column, no lines, words instead of symbols.
    #[arg(long)]
    pub plain: bool,
    /// A theme by name.
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Take clicks and the wheel.
    #[arg(long)]
    pub mouse: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Job {
    /// Open the screen on an invented world that lives; no account needed.
    Demo(screen::DemoArgs),
    /// Set up an account step by step, and test it before saving.
    Init(init::InitArgs),
    /// Add, list, test or remove accounts.
    Account(account::AccountArgs),
    /// Open, lock and fill the vault for typed secrets and logins.
    Vault(vault::VaultArgs),
    /// Check or show the configuration.
    Config(config::ConfigArgs),
    /// Run the engine without a screen: receive, send, remind.
    Sync(sync::SyncArgs),
    /// Take what vendors post to us, for those who can point a tunnel or a proxy at this machine.
    Listen,
    /// Work on conversations, drafts, pages and the outbox.
    #[command(flatten)]
    Verb(Verb),
    /// Check that the mirror has everything the server has; exit code 1 on a gap.
    Verify(mirror::VerifyArgs),
    /// Read older messages.
    Backfill(mirror::BackfillArgs),
    /// List who can be paged, and with --people whom the accounts' telephone systems know.
    Roster(roster::RosterArgs),
    /// Save, play or transcribe an attachment, fetched first if its bytes are still at the provider.
    Attachment(attachment::AttachmentArgs),
    /// Write messages out as JSON lines, mbox or CSV.
    Export(export::ExportArgs),
    /// Look at terminal, clipboard, notifications, folders and the mirror, and say what to mend.
    Doctor,
    /// Measure what this program can do on this machine.
    Bench(bench::BenchArgs),
    /// Print the key table.
    Keys,
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArgs),
    /// Print the manual page.
    Man(man::ManArgs),
    /// Allow just the one-line verbs over SSH: a forced command for authorized_keys.
    #[command(name = "ssh-shell")]
    SshShell(ssh_shell::SshShellArgs),
}

/// The whole command line as data, for completions, manual and tests.
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
