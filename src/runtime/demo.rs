//! `frontdesk demo`: the scripted world behind the real engine, on a throw-away mirror.

use super::desk_loop::{Desk, Screen};
use super::engine::EngineAccount;
use super::holding::Plan;
use super::setup::{self, Look};
use super::{accounts, executor, open_mirror};
use crate::config::OwnThemes;
use crate::demo::script::{BUILT_IN, Script};
use crate::demo::{DemoAccount, Stage, World, stage};
use crate::desk::RosterEntry;
use crate::model::query::{From, ListQuery, Sort, View};
use crate::model::{AccountId, Actor, Answer, Channel, Clock, Conversation, Query, SystemClock};
use crate::providers::Provider;
use crate::store::Store;
use crate::term::{Console, Modes, Probe, TermError, Terminal, attend, install_crash_hook};
use crate::ui::Setup;
use crate::ui::keymap::Keymap;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The agent whose desk it is.
const ME: &str = "nina";
/// Her colleagues.
const OTHERS: [&str; 2] = ["raj", "tom"];

/// How the demo is run.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Same seed, same world.
    pub seed: u64,
    /// How fast customers live; 1 is the script's own pace.
    pub speed: f64,
    /// The assistant drafts.
    pub assistant: bool,
    /// Keep the mirror here instead of throwing it away.
    pub keep: Option<PathBuf>,
    /// One column, no box drawing.
    pub plain: bool,
    /// Theme by name.
    pub theme: Option<String>,
    /// Listen to the mouse.
    pub mouse: bool,
}

/// A mirror that is gone afterwards.
struct ThrowAway(PathBuf);

impl Drop for ThrowAway {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Opens the screen on the scripted world.
///
/// # Errors
/// When the terminal cannot be taken or the mirror cannot be written.
pub fn run_demo(options: DemoOptions) -> anyhow::Result<ExitCode> {
    install_crash_hook(std::env::temp_dir());
    run_demo_on(options, Probe::from_env(), Console::enter)
}

/// The same on the terminal that `enter` takes, which is done once everything else is ready.
///
/// # Errors
/// When the terminal cannot be taken or the mirror cannot be written.
pub fn run_demo_on<T: Terminal>(
    options: DemoOptions,
    probe: Probe,
    enter: impl FnOnce(Modes) -> Result<T, TermError>,
) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let thrown = options.keep.is_none().then(|| ThrowAway(throw_away_dir()));
    let dir = options
        .keep
        .clone()
        .or_else(|| thrown.as_ref().map(|dir| dir.0.clone()))
        .unwrap_or_default();
    let store = open_mirror(&dir, &clock)?;
    let code = {
        let executor = executor()?;
        attend(executor.handle(), open(options, store, clock, probe, enter))?
    };
    drop(thrown);
    code
}

async fn open<T: Terminal>(
    options: DemoOptions,
    store: Store,
    clock: Arc<dyn Clock>,
    probe: Probe,
    enter: impl FnOnce(Modes) -> Result<T, TermError>,
) -> anyhow::Result<ExitCode> {
    let (world, running) = world(&options, &clock)?;
    let fresh = fill(&store, &running).await?;
    if fresh {
        set_stage(&store, &world, &clock).await?;
    }
    let mut warnings = Vec::new();
    let name = options.theme.clone().unwrap_or_else(|| "auto".to_owned());
    let theme = setup::theme(&name, &probe, &OwnThemes::default(), &mut warnings);
    let zone = jiff::tz::TimeZone::system();
    let assist = crate::assist::AssistSettings {
        enabled: options.assistant,
        company: "Lindqvist Home Services".to_owned(),
        ..Default::default()
    };
    let hours = crate::desk::BusinessHours::always(zone.clone());
    let shelves = crate::assist::library::Shelves {
        sample: true,
        ..Default::default()
    };
    let drafter = accounts::drafter(&store, &clock, &assist, hours, shelves, &running);
    let terminal = enter(probe.modes(options.mouse))?;
    let size = terminal.size();
    let look = Look {
        theme,
        keymap: Keymap::default(),
        plain: options.plain || matches!(probe.term.as_str(), "" | "dumb"),
        size: (size.width, size.height),
        warnings,
    };
    let setup = Setup {
        me: ME.to_owned(),
        host: "demo".to_owned(),
        shift: Some("demo, nothing real is sent".to_owned()),
        now: clock.now(),
        tz: zone,
        keymap: look.keymap,
        theme: look.theme,
        plain: look.plain,
        agents: std::iter::once(ME)
            .chain(OTHERS)
            .map(str::to_owned)
            .collect(),
        roster: roster().into_iter().map(|entry| entry.name).collect(),
        accounts: setup::cards(&running),
        sort: Sort::default(),
        snooze: crate::desk::settings::SnoozeSettings::default(),
        macros: Vec::new(),
        warnings: look.warnings,
        guides: Vec::new(),
        size: look.size,
    };
    let plan = Plan {
        store,
        clock,
        accounts: running,
        drafter,
        // The invented customers' voices are written down already.
        hearing: crate::providers::transcription::TranscriptionSettings::default(),
    };
    let desk = Desk {
        actor: Actor::Agent(ME.to_owned()),
        roster: roster(),
        notify: crate::notify::NotifySettings {
            via: crate::notify::Via::Off,
            ..Default::default()
        },
        commands: crate::config::Commands::default(),
        transcription: crate::providers::transcription::TranscriptionSettings::default(),
        hidden: Vec::new(),
        files: None,
        sealed: false,
        reloads: None,
    };
    Box::pin(Screen::open(terminal, probe, setup, plan, desk)).await
}

fn throw_away_dir() -> PathBuf {
    // Memory where there is some: a demo needs no disk.
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let shm = PathBuf::from("/dev/shm");
    let base = [runtime, Some(shm)]
        .into_iter()
        .flatten()
        .find(|dir| dir.is_dir())
        .unwrap_or_else(std::env::temp_dir);
    base.join(format!("frontdesk-demo-{}", ulid::Ulid::new()))
}

fn roster() -> Vec<RosterEntry> {
    OTHERS
        .iter()
        .map(|name| RosterEntry {
            name: (*name).to_owned(),
            email: Some(format!("{name}@lindqvist.example")),
            account: Some(Channel::Email.name().to_owned()),
            ..RosterEntry::default()
        })
        .collect()
}

type Shared = Arc<Mutex<World>>;

fn world(
    options: &DemoOptions,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<(Shared, Vec<EngineAccount>)> {
    let script = Script::parse(BUILT_IN).context("the demo's script")?;
    let world = Arc::new(Mutex::new(World::new(
        script,
        options.seed,
        options.speed,
        clock.now(),
    )));
    let running = Channel::ALL.into_iter().map(|channel| {
        let provider: Arc<dyn Provider> = Arc::new(DemoAccount::new(channel, &world, clock));
        let hold = i64::try_from(provider.capabilities().hold.as_millis()).unwrap_or(0);
        EngineAccount {
            id: AccountId::new(channel.name()),
            info: accounts::info(provider.as_ref(), hold, Some(answer_within(channel))),
            provider,
            poll: Duration::from_mins(10),
            reads: true,
            typing: false,
        }
    });
    let running = running.chain([accounts::pages()]).collect();
    Ok((world, running))
}

/// What the invented company has promised: milliseconds until the first answer.
fn answer_within(channel: Channel) -> i64 {
    let hours = match channel {
        Channel::Review => 72,
        Channel::Email => 24,
        Channel::Slack | Channel::Discord | Channel::X => 12,
        _ => 6,
    };
    hours * crate::model::time::HOUR
}

/// Brings what was said before the demo into the mirror, so that the first frame shows it. False when it was there.
async fn fill(store: &Store, running: &[EngineAccount]) -> anyhow::Result<bool> {
    let mut fresh = false;
    for account in running {
        store
            .ensure_account(&account.id, account.info.clone())
            .await?;
    }
    for account in running.iter().filter(|account| account.reads) {
        let mut cursor = store.cursor(&account.id).await?;
        fresh |= cursor.is_none();
        loop {
            let batch = account.provider.pull(cursor).await?;
            let more = batch.more;
            store.ingest(&account.id, batch).await?;
            if !more {
                break;
            }
            cursor = store.cursor(&account.id).await?;
        }
    }
    Ok(fresh)
}

/// Does what the desk has already done when the curtain rises.
async fn set_stage(store: &Store, world: &Shared, clock: &Arc<dyn Clock>) -> anyhow::Result<()> {
    let conversations = all(store).await?;
    let done = {
        let world = world.lock().unwrap_or_else(PoisonError::into_inner);
        stage::stage(&world, ME, clock.now(), |channel, address| {
            conversations
                .iter()
                .find(|c| c.channel == channel && c.contact_address == address)
        })
    };
    // Everything at once: the mirror commits them together.
    let commands = done.into_iter().map(|step| async move {
        match step {
            Stage::Command(actor, command) => {
                if let Err(error) = store.apply(&actor, *command).await {
                    tracing::warn!(%error, "stage");
                }
            }
            Stage::Page(conversation, to, reason) => {
                let roster = roster();
                let entry = roster.iter().find(|entry| entry.name == to);
                let mail = [AccountId::new(Channel::Email.name())];
                if let Some(entry) = entry
                    && let Err(error) = store
                        .escalate(
                            &Actor::System("on call".to_owned()),
                            conversation,
                            super::escalate::person(entry, &mail),
                            reason,
                        )
                        .await
                {
                    tracing::warn!(%error, "stage");
                }
            }
        }
    });
    futures::future::join_all(commands).await;
    Ok(())
}

async fn all(store: &Store) -> anyhow::Result<Vec<Conversation>> {
    let mut found: Vec<Conversation> = Vec::new();
    let mut from = From::Top;
    loop {
        let query = ListQuery {
            view: View::All,
            sort: Sort::Newest,
            from,
            limit: 200,
            me: ME.to_owned(),
            filter: String::new(),
        };
        let Answer::List(page) = store.answer(Query::List(query)).await? else {
            break;
        };
        let last = page.rows.last().map(|(key, _)| *key);
        found.extend(page.rows.into_iter().map(|(_, conversation)| conversation));
        match last {
            Some(key) if page.after => from = From::After(key),
            _ => break,
        }
    }
    Ok(found)
}
