//! `doctor`: what this machine and terminal give, what is missing, and how to mend it.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::print::Printer;
use crate::config::Level;
use crate::model::{AccountState, Clock, SystemClock, Timestamp};
use crate::notify::{NotifySettings, Route, routes};
use crate::secrets::SecretRef;
use crate::secrets::vault::VaultError;
use crate::store::{Options, Store};
use crate::term::{ColorDepth, Display, Probe, editor_command};
use crate::text::osc::Multiplexer;
use serde::Serialize;
use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// Works, but less well than it could.
    Note,
    Bad,
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    says: String,
    /// What to do about it.
    mend: Option<String>,
}

fn finding(what: &'static str, state: State, says: impl Into<String>) -> Finding {
    Finding {
        what,
        state,
        says: says.into(),
        mend: None,
    }
}

impl Finding {
    fn mend(mut self, how: impl Into<String>) -> Self {
        self.mend = Some(how.into());
        self
    }
}

pub fn run(context: &mut Context) -> Done {
    let probe = Probe::from_env();
    let mut findings = vec![finding(
        "frontdesk",
        State::Ok,
        format!(
            "version {}, SQLite {}",
            env!("CARGO_PKG_VERSION"),
            rusqlite::version()
        ),
    )];
    findings.extend(terminal(&probe));
    findings.push(clipboard(&probe, context));
    findings.push(notifications(&probe, &context.config.notify));
    findings.push(editor(context));
    findings.extend(configuration(context));
    findings.extend(folders(context));
    findings.push(mirror(context));
    findings.extend(secrets(context));
    findings.extend(accounts(context));
    let bad = findings.iter().any(|finding| finding.state == State::Bad);
    for finding in &findings {
        print(finding, &mut context.out)?;
    }
    if bad { Err(Failure::Said) } else { Ok(()) }
}

fn print(finding: &Finding, out: &mut Printer) -> Done {
    out.value(finding)?;
    let word = match finding.state {
        State::Ok => "ok  ",
        State::Note => "note",
        State::Bad => "BAD ",
    };
    out.line(&format!("{word} {}: {}", finding.what, finding.says))?;
    if let Some(mend) = &finding.mend {
        out.line(&format!("       {mend}"))?;
    }
    Ok(())
}

fn terminal(probe: &Probe) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = match (probe.term.as_str(), probe.program.as_str()) {
        ("", "") => "unknown".to_owned(),
        (term, "") => term.to_owned(),
        (term, program) => format!("{program} ({term})"),
    };
    let colors = match probe.colors {
        ColorDepth::Mono => "no colours",
        ColorDepth::Sixteen => "16 colours",
        ColorDepth::Indexed => "256 colours",
        ColorDepth::True => "true colour",
    };
    let ssh = if probe.ssh { ", over SSH" } else { "" };
    let says = format!("{name}, {colors}{ssh}");
    findings.push(if matches!(probe.term.as_str(), "" | "dumb") {
        finding("terminal", State::Note, says)
            .mend("TERM is not set or `dumb`: the screen will be --plain")
    } else {
        finding("terminal", State::Ok, says)
    });
    findings.push(if probe.utf8 {
        finding("locale", State::Ok, "UTF-8")
    } else {
        finding("locale", State::Note, "not UTF-8")
            .mend("set LANG to a UTF-8 locale such as C.UTF-8, or use --plain")
    });
    if probe.multiplexer == Multiplexer::Tmux {
        findings.push(tmux());
    }
    findings
}

/// Copying and notifications reach the terminal through tmux only when it passes them on.
fn tmux() -> Finding {
    let output = Command::new("tmux")
        .args(["show-options", "-gv", "allow-passthrough"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let value = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match value.as_deref() {
        Ok("on" | "all") => finding("tmux", State::Ok, "passes sequences on to the terminal"),
        _ => finding(
            "tmux",
            State::Note,
            "does not pass copying and notifications on to the terminal",
        )
        .mend("add this line to ~/.tmux.conf: set -g allow-passthrough on"),
    }
}

fn clipboard(probe: &Probe, context: &Context) -> Finding {
    let configured = context
        .config
        .commands
        .clipboard
        .as_ref()
        .and_then(|argv| argv.first());
    if let Some(program) = configured {
        return if in_path(program) {
            finding(
                "clipboard",
                State::Ok,
                format!("by `{program}`, as configured"),
            )
        } else {
            finding("clipboard", State::Bad, format!("`{program}` is not there"))
                .mend("install it, or change `clipboard` in [commands]")
        };
    }
    if probe.ssh {
        return finding("clipboard", State::Ok, "by the terminal (OSC 52), over SSH");
    }
    let program = match probe.display {
        Display::Mac => Some("pbcopy"),
        Display::Wayland => Some("wl-copy"),
        Display::X11 => Some("xclip"),
        Display::None => None,
    };
    match program {
        Some(program) if in_path(program) => {
            finding("clipboard", State::Ok, format!("by `{program}`"))
        }
        Some(program) => finding(
            "clipboard",
            State::Note,
            "by the terminal (OSC 52), if it allows that",
        )
        .mend(format!("`{program}` would always work; install it")),
        None => finding(
            "clipboard",
            State::Ok,
            "by the terminal (OSC 52), if it allows that",
        ),
    }
}

fn notifications(probe: &Probe, settings: &NotifySettings) -> Finding {
    let routes = routes(settings, &probe.notification_place());
    let says = match routes.first() {
        None => "off, as configured".to_owned(),
        Some(Route::Desktop) => "by the desktop".to_owned(),
        Some(Route::Terminal(_)) => "by the terminal".to_owned(),
        Some(Route::Bell) => "by the bell".to_owned(),
        Some(Route::Command(argv)) => {
            format!("by `{}`", argv.first().map_or("", String::as_str))
        }
    };
    finding("notifications", State::Ok, says)
}

fn editor(context: &Context) -> Finding {
    match editor_command(context.config.commands.editor.as_deref()) {
        Ok(argv) => {
            let program = argv.first().map_or("", String::as_str);
            if in_path(program) {
                finding("editor", State::Ok, format!("`{program}`"))
            } else {
                finding("editor", State::Note, format!("`{program}` is not there"))
                    .mend("set VISUAL or EDITOR, or `editor` in [commands]")
            }
        }
        Err(error) => finding("editor", State::Bad, error.to_string())
            .mend("mend VISUAL, EDITOR or `editor` in [commands]"),
    }
}

fn in_path(program: &str) -> bool {
    let runs = |path: &Path| {
        path.metadata()
            .is_ok_and(|m| m.is_file() && m.mode() & 0o111 != 0)
    };
    if program.contains('/') {
        return runs(Path::new(program));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| runs(&dir.join(program)))
}

fn configuration(context: &Context) -> Vec<Finding> {
    let file = context.file.display();
    let errors = context
        .problems
        .iter()
        .filter(|p| p.level == Level::Error)
        .count();
    let mut findings = vec![match (context.file.exists(), errors) {
        (false, _) => finding("configuration", State::Note, format!("there is no {file}"))
            .mend("`frontdesk init` sets up an account"),
        (true, 0) => finding("configuration", State::Ok, file.to_string()),
        (true, count) => finding(
            "configuration",
            State::Bad,
            format!("{count} part(s) of {file} are left out"),
        )
        .mend("`frontdesk config check` shows them"),
    }];
    let warnings = context
        .problems
        .iter()
        .filter(|p| p.level == Level::Warning);
    findings.extend(warnings.map(|problem| {
        let found = finding("configuration", State::Note, problem.line());
        match &problem.help {
            Some(help) => found.mend(help.clone()),
            None => found,
        }
    }));
    findings
}

/// Folders that others can enter, files that others can read.
fn folders(context: &Context) -> Vec<Finding> {
    let paths = &context.paths;
    let mirror = &context.config.mirror;
    let mut findings = Vec::new();
    let secrets = paths.secrets_dir();
    let files = std::fs::read_dir(&secrets)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let checked = [
        &paths.config_dir,
        &paths.data_dir,
        &paths.state_dir,
        mirror,
        &secrets,
        &paths.vault_dir(),
    ];
    for path in checked.into_iter().cloned().chain(files) {
        let Ok(meta) = std::fs::metadata(&path) else {
            continue;
        };
        let mode = meta.mode() & 0o7777;
        if mode & 0o077 != 0 {
            let right = if meta.is_dir() { "700" } else { "600" };
            findings.push(
                finding(
                    "folders",
                    State::Bad,
                    format!("{} is open to others ({mode:04o})", path.display()),
                )
                .mend(format!("run `chmod {right} {}`", path.display())),
            );
        }
    }
    if findings.is_empty() {
        findings.push(finding("folders", State::Ok, "closed to others"));
    }
    findings
}

fn mirror(context: &Context) -> Finding {
    let dir = &context.config.mirror;
    if !dir.join("mirror.db").exists() {
        return finding(
            "mirror",
            State::Note,
            format!("nothing in {} yet", dir.display()),
        )
        .mend("`frontdesk` or `frontdesk sync` begins to read");
    }
    let opened = Store::open(Options {
        dir: dir.clone(),
        clock: Arc::new(SystemClock),
        read_only: true,
    });
    match opened {
        Ok(store) => {
            let holder = run_async(async { Ok(store.engine_lock().running().await?) });
            let engine = match holder {
                Ok(Some(holder)) => format!(
                    "the engine runs (process {} on {})",
                    holder.pid, holder.host
                ),
                Ok(None) => "no engine runs".to_owned(),
                Err(failure) => return finding("mirror", State::Bad, failure.to_string()),
            };
            if let Err(failure) = run_async(async { Ok(store.whole().await?) }) {
                return finding("mirror", State::Bad, failure.to_string());
            }
            finding("mirror", State::Ok, format!("{}; {engine}", dir.display()))
        }
        Err(error) => finding("mirror", State::Bad, error.to_string()),
    }
}

/// How the accounts were when an engine last looked.
fn accounts(context: &Context) -> Vec<Finding> {
    let now = SystemClock.now();
    let ago = |at: Timestamp| format!("{} ago", crate::text::human::span(now.since(at)));
    super::shown_health::of(context)
        .into_iter()
        .map(|health| {
            let mut says = format!("{}: {}", health.account, health.state.word());
            if let Some(error) = &health.error {
                let _ = write!(says, ", {error}");
            }
            if let Some(at) = health.last_event {
                let _ = write!(says, "; last news {}", ago(at));
            }
            if let Some(at) = health.last_proof {
                let _ = write!(says, "; complete as of {}", ago(at));
            }
            for budget in &health.budgets {
                let used = budget.used_at(now);
                let _ = match (budget.paused_at(now), budget.limit) {
                    (Some(until), _) => {
                        let wait = until.since(now) / 1_000;
                        write!(says, "; calls ({}) wait {wait} s", budget.group)
                    }
                    (None, 0) => write!(says, "; calls ({}): {used}", budget.group),
                    (None, limit) => {
                        write!(says, "; calls ({}): {used} of {limit} used", budget.group)
                    }
                };
            }
            let state = match health.state {
                AccountState::Broken => State::Bad,
                AccountState::Retrying | AccountState::Locked => State::Note,
                _ => State::Ok,
            };
            let found = finding("account", state, says);
            match health.remedy {
                Some(remedy) => found.mend(remedy),
                None => found,
            }
        })
        .collect()
}

/// Secrets that can be looked at without starting a program or asking anybody.
fn secrets(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    let own = || context.config.accounts.iter().map(|a| a.provider.own());
    let sealed = own().any(|own| own.secrets().into_iter().any(SecretRef::is_in_vault));
    // Locked is how a vault should be while nothing runs; a damaged one is told by its secrets.
    let locked = sealed
        && matches!(
            run_async(async { Ok(context.vault.names().await) }),
            Ok(Err(VaultError::Locked))
        );
    if locked {
        let says = "some are in the vault, which is locked, so they were not looked at";
        findings.push(
            finding("secrets", State::Note, says)
                .mend("`frontdesk` asks for the passphrase on its screen; an engine without one gets it by `frontdesk vault unlock`"),
        );
    }
    for account in &context.config.accounts {
        for secret in account.provider.own().secrets() {
            // A login might ask its server for a new token.
            if matches!(secret, SecretRef::Command(_) | SecretRef::Login(_))
                || (locked && secret.is_in_vault())
            {
                continue;
            }
            let resolved = run_async(async { Ok(secret.resolve().await?) });
            if let Err(failure) = resolved {
                let says = format!("{}: {failure}", account.id);
                findings.push(finding("secrets", State::Bad, says));
            }
        }
    }
    if findings.is_empty() && !context.config.accounts.is_empty() {
        let says = "found (commands are not tried; `frontdesk account test` does)";
        findings.push(finding("secrets", State::Ok, says));
    }
    findings
}
