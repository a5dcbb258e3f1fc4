//! Opening the screen on the configured mirror.

use super::desk_loop::{Desk, Screen};
use super::holding::Plan;
use super::reload::{self, Asked, Files, Reloader};
use super::setup::{self, Look};
use super::{accounts, executor, open_mirror};
use crate::config::{Config, OwnThemes, Problem};
use crate::model::{Actor, Clock, SystemClock};
use crate::term::{Console, Modes, Probe, TermError, Terminal, attend, install_crash_hook};
use std::process::ExitCode;
use std::sync::Arc;

/// How the screen is asked to look.
#[derive(Debug, Clone, Default)]
pub struct ScreenOptions {
    /// One column, no box drawing.
    pub plain: bool,
    /// Theme by name, over the configured one.
    pub theme: Option<String>,
    /// Listen to the mouse.
    pub mouse: bool,
}

/// Opens the screen on the configured mirror.
///
/// # Errors
/// When the terminal cannot be taken or the mirror cannot be opened.
pub fn run_screen(
    config: Config,
    problems: Vec<Problem>,
    files: Files,
    options: ScreenOptions,
) -> anyhow::Result<ExitCode> {
    install_crash_hook(config.mirror.clone());
    run_screen_on(
        config,
        problems,
        files,
        options,
        Probe::from_env(),
        Console::enter,
    )
}

/// The same on the terminal that `enter` takes, which is done once everything else is ready.
///
/// # Errors
/// When the terminal cannot be taken or the mirror cannot be opened.
pub fn run_screen_on<T: Terminal>(
    config: Config,
    problems: Vec<Problem>,
    files: Files,
    options: ScreenOptions,
    probe: Probe,
    enter: impl FnOnce(Modes) -> Result<T, TermError>,
) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_mirror(&config.mirror, &clock)?;
    store.set_policy(config.policy());
    store.give_way();
    let executor = executor()?;
    attend(executor.handle(), async move {
        let running = accounts::engine_accounts(&config, &clock);
        let mut warnings: Vec<String> = problems.iter().map(Problem::line).collect();
        let name = options
            .theme
            .clone()
            .unwrap_or_else(|| config.theme.clone());
        let own = OwnThemes::read(&reload::themes_folder(&config.keymap));
        let theme = setup::theme(&name, &probe, &own, &mut warnings);
        let (keymap, wrong) = crate::config::load_keymap(&config.keymap);
        warnings.extend(wrong.iter().map(Problem::line));
        let hours = crate::desk::BusinessHours::new(&config.desk.hours, config.timezone.clone())
            .unwrap_or_else(|error| {
                warnings.push(format!("desk hours: {error}"));
                crate::desk::BusinessHours::always(config.timezone.clone())
            });
        let shelves = crate::assist::library::Shelves {
            folders: config.knowledge.clone(),
            ..Default::default()
        };
        let drafter = accounts::drafter(&store, &clock, &config.assist, hours, shelves, &running);
        let plain = options.plain || config.plain || matches!(probe.term.as_str(), "" | "dumb");
        let terminal = enter(probe.modes(options.mouse || config.mouse))?;
        let size = terminal.size();
        let asked = Asked {
            plain: options.plain,
            theme: options.theme,
        };
        let in_force = (keymap.clone(), theme.clone());
        let kept = files.clone();
        let reloader = Reloader::new(
            files,
            asked,
            &probe,
            clock.clone(),
            config.clone(),
            running.clone(),
            in_force,
        );
        let look = Look {
            theme,
            keymap,
            plain,
            size: (size.width, size.height),
            warnings,
        };
        let setup = setup::screen(&config, &running, look, clock.now());
        let sealed = config.needs_vault();
        let plan = Plan {
            store,
            clock,
            accounts: running,
            drafter,
            hearing: config.transcription.clone(),
        };
        let desk = Desk {
            actor: Actor::Agent(config.me.clone()),
            roster: config.roster.clone(),
            notify: config.notify.clone(),
            commands: config.commands.clone(),
            transcription: config.transcription.clone(),
            hidden: Vec::new(),
            files: Some(kept),
            sealed,
            reloads: Some(reloader.start()),
        };
        Box::pin(Screen::open(terminal, probe, setup, plan, desk)).await
    })?
}
