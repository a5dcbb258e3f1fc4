//! The screen's loop: messages in, one frame out, effects carried out elsewhere.
//!
//! Nothing here waits for disk, network or a lock. With nothing to do it sleeps: the next wake-up is the moment at
//! which a clock on the screen changes.

use super::desk_link::DeskLink;
use super::hands::Hands;
use super::holding::{Holding, Plan};
use super::setup::{self, Look};
use super::{accounts, escalate, executor, open_mirror};
use crate::config::{Config, Problem};
use crate::desk::RosterEntry;
use crate::model::{AccountId, Actor, Clock, Command, Query, SystemClock, Timestamp};
use crate::notify::{Focus, NewsKind, Notice, Notifier};
use crate::outbox::worker::Trouble;
use crate::providers::Provider;
use crate::store::{Change, Store};
use crate::sync::EngineEvent;
use crate::term::{
    Drawn, Edited, EventSource, Launcher, Probe, ProcessSignal, Session, Suspended, Watcher, edit,
    edit_dir, editor_command, install_crash_hook,
};
use crate::ui::{self, App, Effect, Msg, NoticeKind, ReqId, Setup};
use crossterm::event::{Event as TermEvent, KeyEventKind};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// Messages taken between two frames at most: a flood of changes must not keep the screen from being drawn.
const AT_ONCE: usize = 64;
/// News that is told one by one; more at once are not looked up.
const TOLD_AT_ONCE: usize = 8;

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
    options: ScreenOptions,
) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_mirror(&config.mirror, &clock)?;
    install_crash_hook(config.mirror.clone());
    executor()?.block_on(async move {
        let probe = Probe::from_env();
        let running = accounts::engine_accounts(&config, &clock);
        let mut warnings: Vec<String> = problems.iter().map(Problem::line).collect();
        let name = options
            .theme
            .clone()
            .unwrap_or_else(|| config.theme.clone());
        let own = config.keymap.parent().map(|dir| dir.join("themes"));
        let theme = setup::theme(&name, &probe, own.as_deref(), &mut warnings);
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
        let session = Session::enter(probe.modes(options.mouse || config.mouse))?;
        let size = session.size();
        let look = Look {
            theme,
            keymap,
            plain,
            size: (size.width, size.height),
            warnings,
        };
        let setup = setup::screen(&config, &running, look, clock.now());
        let plan = Plan {
            store,
            clock,
            accounts: running,
            drafter,
        };
        let desk = Desk {
            actor: Actor::Agent(config.me.clone()),
            roster: config.roster.clone(),
            notify: config.notify.clone(),
            commands: config.commands.clone(),
            hidden: Vec::new(),
        };
        Box::pin(Screen::open(session, probe, setup, plan, desk)).await
    })
}

/// What the loop needs of the configuration.
pub struct Desk {
    /// Who acts.
    pub actor: Actor,
    /// Who can be paged.
    pub roster: Vec<RosterEntry>,
    /// How the agent is told of news.
    pub notify: crate::notify::NotifySettings,
    /// Other programs.
    pub commands: crate::config::Commands,
    /// Environment variables that other programs must not see.
    pub hidden: Vec<String>,
}

/// Everything the loop talks to.
pub struct Screen {
    session: Session,
    watcher: Watcher,
    store: Store,
    clock: Arc<dyn Clock>,
    link: DeskLink,
    hands: Hands,
    answers: mpsc::UnboundedReceiver<Msg>,
    terminal: mpsc::UnboundedReceiver<Vec<u8>>,
    bells: mpsc::UnboundedReceiver<Vec<u8>>,
    holding: Holding,
    notifier: Notifier,
    desk: Desk,
    providers: BTreeMap<AccountId, Arc<dyn Provider>>,
    mail_accounts: Vec<AccountId>,
}

enum Happened {
    Terminal(Option<TermEvent>),
    Signal(ProcessSignal),
    Message(Msg),
    Mirror(Result<Change, broadcast::error::RecvError>),
    Engine(EngineEvent),
    Trouble(Trouble),
    Bytes(Vec<u8>),
    Holder,
    Clock,
    Writable,
}

impl Screen {
    /// Opens the screen and runs it until the agent quits or the terminal is gone.
    ///
    /// # Errors
    /// When the terminal cannot be watched, or not be taken back after an editor.
    pub async fn open(
        session: Session,
        probe: Probe,
        setup: Setup,
        plan: Plan,
        desk: Desk,
    ) -> anyhow::Result<ExitCode> {
        let watcher = Watcher::start()?;
        let (store, clock) = (plan.store.clone(), plan.clock.clone());
        let providers = plan
            .accounts
            .iter()
            .map(|account| (account.id.clone(), account.provider.clone()))
            .collect();
        let mail_accounts = setup::mail_accounts(&plan.accounts);
        let (answers_in, answers) = mpsc::unbounded_channel();
        let (terminal_in, terminal) = mpsc::unbounded_channel();
        let (notifier, bells) = Notifier::start(
            desk.notify.clone(),
            probe.notification_place(),
            desk.hidden.clone(),
            clock.clone(),
            setup.tz.clone(),
        );
        let screen = Self {
            session,
            watcher,
            link: DeskLink::new(store.clone(), desk.actor.clone(), answers_in.clone()),
            hands: Hands {
                launcher: Launcher::hiding(desk.hidden.clone()),
                probe,
                clipboard: desk.commands.clipboard.clone(),
                opener: desk.commands.opener.clone(),
                store: store.clone(),
                answers: answers_in,
                terminal: terminal_in,
            },
            answers,
            terminal,
            bells,
            holding: Holding::begin(plan),
            notifier,
            desk,
            providers,
            mail_accounts,
            store,
            clock,
        };
        let (app, first) = App::new(setup);
        screen.run(app, first).await
    }

    async fn run(mut self, mut app: App, first: Vec<Effect>) -> anyhow::Result<ExitCode> {
        let mut source = Some(EventSource::start()?);
        let mut changes = self.store.changes();
        let mut pending = first;
        let mut deferred = false;
        loop {
            for effect in std::mem::take(&mut pending) {
                if effect == Effect::Quit {
                    self.session.leave();
                    return Ok(ExitCode::SUCCESS);
                }
                self.carry_out(effect, &mut source).await?;
            }
            if !deferred {
                match self.session.draw(|frame| ui::draw(&app, frame)) {
                    Ok(drawn) => deferred = drawn == Drawn::Deferred,
                    Err(_) => return Ok(ExitCode::SUCCESS),
                }
            }
            let mut messages = Vec::new();
            match self
                .next(&app, source.as_mut(), &mut changes, deferred)
                .await
            {
                Happened::Terminal(None) | Happened::Signal(ProcessSignal::HungUp) => {
                    return Ok(ExitCode::SUCCESS);
                }
                Happened::Signal(ProcessSignal::Terminate) => {
                    self.session.leave();
                    return Ok(ExitCode::SUCCESS);
                }
                Happened::Terminal(Some(event)) => messages.push(self.heard(event)),
                Happened::Signal(ProcessSignal::SuspendAsked) => pending.push(Effect::Suspend),
                Happened::Signal(ProcessSignal::Continued) => pending.push(Effect::Redraw),
                Happened::Message(message) => messages.push(message),
                Happened::Mirror(change) => messages.push(Msg::Changed(changed(change))),
                Happened::Engine(event) => self.told(event, &mut messages),
                Happened::Trouble(trouble) => messages.push(self.troubled(&trouble)),
                Happened::Bytes(bytes) => _ = self.session.send(&bytes),
                Happened::Holder => {
                    let state = *self.holding.state.borrow_and_update();
                    messages.push(Msg::Engine(state));
                }
                Happened::Clock => {}
                Happened::Writable => deferred = false,
            }
            // Whatever else has arrived already goes into the same frame.
            while messages.len() < AT_ONCE {
                if let Some(event) = source.as_mut().and_then(EventSource::try_next) {
                    messages.push(self.heard(event));
                } else if let Ok(message) = self.answers.try_recv() {
                    messages.push(message);
                } else {
                    break;
                }
            }
            pending.extend(ui::update(&mut app, Msg::Clock(self.clock.now())));
            for message in messages {
                pending.extend(ui::update(&mut app, message));
            }
        }
    }

    async fn next(
        &mut self,
        app: &App,
        source: Option<&mut EventSource>,
        changes: &mut broadcast::Receiver<Change>,
        deferred: bool,
    ) -> Happened {
        let wake = wait_until(app.next_wake(), self.clock.now());
        let terminal = async {
            match source {
                Some(source) => source.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.watcher.next() => Happened::Signal(signal),
            event = terminal => Happened::Terminal(event),
            Some(message) = self.answers.recv() => Happened::Message(message),
            () = self.session.writable(), if deferred => Happened::Writable,
            Ok(()) = self.holding.state.changed() => Happened::Holder,
            Some(event) = self.holding.events.recv() => Happened::Engine(event),
            Some(trouble) = self.holding.trouble.recv() => Happened::Trouble(trouble),
            Some(bytes) = self.terminal.recv() => Happened::Bytes(bytes),
            Some(bytes) = self.bells.recv() => Happened::Bytes(bytes),
            change = changes.recv() => Happened::Mirror(change),
            () = wake => Happened::Clock,
        }
    }

    /// An event of the terminal as a message.
    fn heard(&self, event: TermEvent) -> Msg {
        match event {
            TermEvent::Key(key) => {
                if key.kind != KeyEventKind::Release {
                    self.notifier.key();
                }
                Msg::Key(key)
            }
            TermEvent::Paste(text) => Msg::Paste(text),
            TermEvent::Mouse(mouse) => Msg::Mouse(mouse),
            TermEvent::Resize(columns, rows) => Msg::Resize(columns, rows),
            TermEvent::FocusGained => {
                self.notifier.focus(Focus::Here);
                Msg::Focus(true)
            }
            TermEvent::FocusLost => {
                self.notifier.focus(Focus::Elsewhere);
                Msg::Focus(false)
            }
        }
    }

    /// News for the agent: looked up and told off this task.
    fn told(&self, event: EngineEvent, messages: &mut Vec<Msg>) {
        match event {
            EngineEvent::Arrivals { backlog: true, .. } => {}
            EngineEvent::Arrivals { arrivals, .. } => {
                let (store, notifier, me) = (
                    self.store.clone(),
                    self.notifier.clone(),
                    self.desk.actor.name().to_owned(),
                );
                tokio::spawn(async move {
                    for arrival in arrivals.into_iter().take(TOLD_AT_ONCE) {
                        let query = Query::Conversation {
                            id: arrival.conversation,
                            me: me.clone(),
                        };
                        let Ok(crate::model::Answer::Conversation(detail)) =
                            store.answer(query).await
                        else {
                            continue;
                        };
                        let kind = match &detail.conversation.assignee {
                            Some(name) if *name == me => NewsKind::Mine,
                            None => NewsKind::Unassigned,
                            Some(_) => continue,
                        };
                        notifier.notify(Notice {
                            kind,
                            who: arrival.contact_name,
                            text: arrival.snippet,
                        });
                    }
                });
            }
            EngineEvent::Broken { account, says } => {
                self.notifier.notify(Notice {
                    kind: NewsKind::Account,
                    who: account.to_string(),
                    text: says.clone(),
                });
                let text = format!("{account}: {says}");
                messages.push(Msg::Notice {
                    text,
                    kind: NoticeKind::Error,
                });
            }
        }
    }

    fn troubled(&self, trouble: &Trouble) -> Msg {
        let unknown = trouble.unknown;
        let kind = if unknown {
            NewsKind::UnknownSend
        } else {
            NewsKind::FailedSend
        };
        self.notifier.notify(Notice {
            kind,
            who: trouble.account.to_string(),
            text: trouble.says.clone(),
        });
        Msg::Notice {
            text: format!("{} · g o shows it", trouble.says),
            kind: NoticeKind::Error,
        }
    }

    async fn carry_out(
        &mut self,
        effect: Effect,
        source: &mut Option<EventSource>,
    ) -> anyhow::Result<()> {
        match effect {
            Effect::Ask { id, query } => self.link.ask(id, query),
            Effect::Do { id, command } => self.link.act(id, self.with_reference(command)),
            Effect::Escalate {
                id,
                conversation,
                to,
                reason,
            } => self.page(id, conversation, &to, reason),
            Effect::Edit {
                id,
                text,
                suffix: _,
            } => self.edit(id, text, source).await?,
            Effect::Copy(text) => self.hands.copy(text),
            Effect::Open(link) => self.hands.open(link),
            Effect::SaveAttachment { id, attachment, to } => self.hands.save(id, attachment, to),
            Effect::OpenAttachment(attachment) => self.hands.open_attachment(attachment),
            Effect::Attach { id, path } => self.hands.attach(id, path),
            Effect::Pipe {
                id,
                message,
                command,
            } => self.hands.pipe(id, message, command),
            Effect::SyncNow => self.holding.nudges.pull_all(),
            Effect::Suspend => {
                *source = None;
                let suspended = self.session.suspend()?;
                *source = Some(EventSource::start()?);
                if suspended == Suspended::NoShell {
                    let text = "there is no shell to go back to".to_owned();
                    let _ = self.hands.answers.send(Msg::Notice {
                        text,
                        kind: NoticeKind::Info,
                    });
                }
            }
            Effect::Redraw => self.session.refresh()?,
            // The loop ends there.
            Effect::Quit => {}
        }
        Ok(())
    }

    /// A queued draft gets its own reference here: making one takes randomness, which the screen has none of.
    fn with_reference(&self, mut command: Command) -> Command {
        if let Command::Queue(queue) = &mut command
            && queue.reference.is_empty()
        {
            queue.reference = match self.providers.get(&queue.draft.account) {
                Some(provider) => provider.new_reference(),
                None => ulid::Ulid::new().to_string(),
            };
        }
        command
    }

    fn page(
        &self,
        id: ReqId,
        conversation: crate::model::ConversationId,
        to: &str,
        reason: String,
    ) {
        let (roster, accounts, to) = (
            self.desk.roster.clone(),
            self.mail_accounts.clone(),
            to.to_owned(),
        );
        let (store, actor, answers) = (
            self.store.clone(),
            self.desk.actor.clone(),
            self.hands.answers.clone(),
        );
        tokio::spawn(async move {
            let result = escalate::escalate(
                &store,
                &actor,
                &roster,
                &accounts,
                conversation,
                &to,
                &reason,
            )
            .await
            .map_err(super::desk_link::refusal);
            let _ = answers.send(Msg::Done { id, result });
        });
    }

    async fn edit(
        &mut self,
        id: ReqId,
        text: String,
        source: &mut Option<EventSource>,
    ) -> anyhow::Result<()> {
        let argv = match editor_command(self.desk.commands.editor.as_deref()) {
            Ok(argv) => argv,
            Err(error) => {
                let _ = self.hands.answers.send(Msg::Edited {
                    id,
                    text: Err(error.to_string()),
                });
                return Ok(());
            }
        };
        let clean = crate::text::sanitize::sanitize_block(&text).text;
        let Some(events) = source.take() else {
            return Ok(());
        };
        let (launcher, dir) = (self.hands.launcher.clone(), edit_dir(self.store.dir()));
        let work = edit(&launcher, &argv, &clean, &dir);
        let (edited, events) = self.session.lend(events, work).await?;
        *source = Some(events);
        let text = match edited {
            Ok(Edited::Changed(text)) => Ok(Some(text)),
            Ok(Edited::Unchanged) => Ok(None),
            Ok(Edited::Refused { how, .. }) => {
                Err(format!("the editor {how}; the text is as it was"))
            }
            Err(error) => Err(format!("not edited: {error}")),
        };
        let _ = self.hands.answers.send(Msg::Edited { id, text });
        Ok(())
    }
}

fn changed(change: Result<Change, broadcast::error::RecvError>) -> ui::Change {
    match change {
        Ok(change) => ui::Change {
            lists: change.lists,
            outbox: change.outbox,
            health: change.health,
            conversations: change.conversations,
        },
        // Too many to be told one by one: everything may have changed.
        Err(_) => ui::Change {
            lists: true,
            outbox: true,
            health: true,
            conversations: Vec::new(),
        },
    }
}

async fn wait_until(at: Option<Timestamp>, now: Timestamp) {
    match at {
        Some(at) => {
            let ms = u64::try_from(at.since(now)).unwrap_or(0).max(1);
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        None => std::future::pending().await,
    }
}
