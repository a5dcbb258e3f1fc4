//! The screen's loop: messages in, one frame out, effects carried out elsewhere.
//!
//! Nothing here waits for disk, network or a lock. With nothing to do it sleeps: the next wake-up is the moment at
//! which a clock on the screen changes. It knows no terminal but [`Terminal`], so that a suite drives this very loop.

use super::colleagues::Colleagues;
use super::desk_link::DeskLink;
use super::engine::EngineAccount;
use super::escalate;
use super::fetching::Fetching;
use super::hands::Hands;
use super::holding::{Holding, Plan};
use super::news::Herald;
use super::pace::Changes;
use super::reload::{Files, Reloaded};
use super::setting_up::SettingUp;
use super::setup;
use crate::desk::RosterEntry;
use crate::model::{AccountId, Actor, Clock, Command, Timestamp};
use crate::notify::{Focus, Notifier};
use crate::providers::Provider;
use crate::store::Store;
use crate::term::{
    Doing, Drawn, Edited, Heard, Launcher, Probe, ProcessSignal, Rest, Suspended, Terminal, edit,
    edit_dir, editor_command,
};
use crate::ui::{self, App, Effect, Msg, NoticeKind, ReqId, Setup};
use crossterm::event::{Event as TermEvent, KeyEventKind};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages taken between two frames at most: a flood of changes must not keep the screen from being drawn.
const AT_ONCE: usize = 64;

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
    /// Whose audio may be written down.
    pub transcription: crate::providers::transcription::TranscriptionSettings,
    /// Environment variables that other programs must not see.
    pub hidden: Vec<String>,
    /// The configuration's files; none where it has none.
    pub files: Option<Files>,
    /// Accounts have secrets in the vault.
    pub sealed: bool,
    /// Changes of the configuration; none where it has no files.
    pub reloads: Option<mpsc::Receiver<Reloaded>>,
}

/// Everything the loop talks to.
pub struct Screen<T> {
    terminal: T,
    rest: Rest,
    store: Store,
    clock: Arc<dyn Clock>,
    link: DeskLink,
    hands: Hands,
    answers: mpsc::UnboundedReceiver<Msg>,
    changes: Changes,
    sequences: mpsc::UnboundedReceiver<Vec<u8>>,
    bells: mpsc::UnboundedReceiver<Vec<u8>>,
    holding: Holding,
    notifier: Notifier,
    /// A key was pressed of which the notifier does not know yet.
    pressed: bool,
    desk: Desk,
    providers: BTreeMap<AccountId, Arc<dyn Provider>>,
    mail_accounts: Vec<AccountId>,
    setting_up: SettingUp,
    colleagues: Colleagues,
}

enum Happened {
    Terminal(Heard),
    Message(Msg),
    Mirror(ui::Change),
    Bytes(Vec<u8>),
    Reloaded(Box<Reloaded>),
    Holder,
    Clock,
}

impl<T: Terminal> Screen<T> {
    /// Opens the screen and runs it until the agent quits or the terminal is gone.
    ///
    /// # Errors
    /// When the terminal cannot be watched, or not be taken back after an editor.
    pub async fn open(
        terminal: T,
        probe: Probe,
        setup: Setup,
        plan: Plan,
        desk: Desk,
    ) -> anyhow::Result<ExitCode> {
        let (store, clock) = (plan.store.clone(), plan.clock.clone());
        let providers: BTreeMap<AccountId, Arc<dyn Provider>> = plan
            .accounts
            .iter()
            .map(|account| (account.id.clone(), account.provider.clone()))
            .collect();
        let mail_accounts = setup::mail_accounts(&plan.accounts);
        let (answers_in, answers) = mpsc::unbounded_channel();
        let (sequences_in, sequences) = mpsc::unbounded_channel();
        let (notifier, bells) = Notifier::start(
            desk.notify.clone(),
            probe.notification_place(),
            desk.hidden.clone(),
            clock.clone(),
            setup.tz.clone(),
        );
        // The screen is told by the mirror, whoever runs the engine.
        let mut holding = Holding::begin(plan);
        holding.events.close();
        holding.trouble.close();
        let herald = Herald {
            store: store.clone(),
            notifier: notifier.clone(),
            me: desk.actor.name().to_owned(),
            screen: answers_in.clone(),
        };
        tokio::spawn(herald.run(clock.now()));
        let setting_up = SettingUp::new(desk.files.clone(), answers_in.clone());
        let screen = Self {
            rest: terminal.rest(),
            terminal,
            link: DeskLink::new(store.clone(), desk.actor.clone(), answers_in.clone()),
            hands: Hands {
                launcher: Launcher::hiding(desk.hidden.clone()),
                probe,
                clipboard: desk.commands.clipboard.clone(),
                opener: desk.commands.opener.clone(),
                player: desk.commands.play.clone(),
                transcription: desk.transcription.clone(),
                store: store.clone(),
                fetching: Fetching::of(store.clone(), providers.clone()),
                answers: answers_in,
                terminal: sequences_in,
            },
            answers,
            changes: Changes::new(store.changes()),
            sequences,
            bells,
            holding,
            notifier,
            pressed: false,
            desk,
            providers,
            mail_accounts,
            setting_up,
            colleagues: Colleagues::default(),
            store,
            clock,
        };
        // The invented world has no files and no secrets.
        if screen.desk.reloads.is_some() {
            super::vault::keep(Some(screen.holding.nudges.clone()));
            super::vault::tell(screen.desk.sealed, &screen.hands.answers);
        }
        let (app, first) = App::new(setup);
        screen.run(app, first).await
    }

    async fn run(mut self, mut app: App, first: Vec<Effect>) -> anyhow::Result<ExitCode> {
        for effect in first {
            self.carry_out(effect).await?;
        }
        let mut pending = Vec::new();
        let mut deferred = false;
        loop {
            // The terminal may have another size before its event is here: nothing is laid out for the old one.
            let size = self.terminal.size();
            if (size.width, size.height) != app.size() {
                pending.extend(ui::update(&mut app, Msg::Resize(size.width, size.height)));
            }
            // The mirror is asked, and others are told of a key, when the frame is out: those who then wake up would take
            // the processor from drawing it.
            let (questions, deeds): (Vec<_>, Vec<_>) = std::mem::take(&mut pending)
                .into_iter()
                .partition(|effect| matches!(effect, Effect::Ask { .. }));
            for effect in deeds {
                if effect == Effect::Quit {
                    self.terminal.leave();
                    return Ok(ExitCode::SUCCESS);
                }
                self.carry_out(effect).await?;
            }
            if !deferred {
                match self.terminal.draw(|frame| ui::draw(&app, frame)) {
                    Ok(drawn) => deferred = drawn == Drawn::Deferred,
                    Err(_) => return Ok(ExitCode::SUCCESS),
                }
            }
            for question in questions {
                self.carry_out(question).await?;
            }
            if std::mem::take(&mut self.pressed) {
                self.notifier.key();
            }
            let mut messages = Vec::new();
            match self.next(&app, deferred).await {
                Happened::Terminal(Heard::Gone | Heard::Signal(ProcessSignal::HungUp)) => {
                    return Ok(ExitCode::SUCCESS);
                }
                Happened::Terminal(Heard::Signal(ProcessSignal::Terminate)) => {
                    self.terminal.leave();
                    return Ok(ExitCode::SUCCESS);
                }
                Happened::Terminal(Heard::Event(event)) => messages.push(self.heard(event)),
                Happened::Terminal(Heard::Signal(ProcessSignal::SuspendAsked)) => {
                    pending.push(Effect::Suspend);
                }
                Happened::Terminal(Heard::Signal(ProcessSignal::Continued)) => {
                    pending.push(Effect::Redraw);
                }
                Happened::Terminal(Heard::Writable) => deferred = false,
                Happened::Message(message) => messages.push(message),
                Happened::Mirror(change) => messages.push(Msg::Changed(change)),
                Happened::Bytes(bytes) => _ = self.terminal.send(&bytes),
                Happened::Holder => {
                    let state = *self.holding.state.borrow_and_update();
                    messages.push(Msg::Engine(state));
                }
                Happened::Reloaded(reloaded) => messages.extend(self.reloaded(*reloaded)),
                Happened::Clock => {}
            }
            // Whatever else has arrived already goes into the same frame.
            while messages.len() < AT_ONCE {
                if let Some(event) = self.terminal.try_next() {
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

    async fn next(&mut self, app: &App, deferred: bool) -> Happened {
        let wake = wait_until(app.next_wake(), self.clock.now());
        let waits = deferred || app.awaits();
        let (rest, held) = (self.rest.clone(), self.changes.held());
        let sleep = async {
            // Asked last: by now nothing else had anything.
            rest.tell(if waits || held.get() {
                Doing::Waiting
            } else {
                Doing::Idle
            });
            wake.await;
        };
        let happened = tokio::select! {
            biased;
            heard = self.terminal.next(deferred) => Happened::Terminal(heard),
            Some(message) = self.answers.recv() => Happened::Message(message),
            Ok(()) = self.holding.state.changed() => Happened::Holder,
            Some(bytes) = self.sequences.recv() => Happened::Bytes(bytes),
            Some(bytes) = self.bells.recv() => Happened::Bytes(bytes),
            change = self.changes.next() => Happened::Mirror(change),
            Some(reloaded) = next_of(&mut self.desk.reloads) => Happened::Reloaded(Box::new(reloaded)),
            () = sleep => Happened::Clock,
        };
        self.rest.tell(Doing::Working);
        happened
    }

    /// An event of the terminal as a message.
    fn heard(&mut self, event: TermEvent) -> Msg {
        match event {
            TermEvent::Key(key) => {
                if key.kind != KeyEventKind::Release {
                    self.pressed = true;
                    super::vault::somebody();
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

    /// Puts changed settings into force.
    fn reloaded(&mut self, reloaded: Reloaded) -> [Msg; 2] {
        if let Some(change) = reloaded.desk {
            self.desk.roster = change.roster;
            self.hands.clipboard.clone_from(&change.commands.clipboard);
            self.hands.opener.clone_from(&change.commands.opener);
            self.hands.player.clone_from(&change.commands.play);
            // At once: what a person no longer allows must not leave.
            self.hands.transcription.clone_from(&change.hearing);
            self.holding.hear(change.hearing);
            self.desk.commands = change.commands;
            self.notifier.set(change.notify, change.zone);
            self.store.set_policy(change.policy);
            self.take_up(change.accounts);
            let store = self.store.clone();
            tokio::spawn(async move {
                for (account, info) in change.infos {
                    if let Err(error) = store.ensure_account(&account, info).await {
                        tracing::error!(%error, %account, "the account's new facts are not kept");
                    }
                }
                if let Err(error) = store.renew_promises().await {
                    tracing::error!(%error, "the new promises are not kept");
                }
            });
        }
        let (kind, text) = reloaded.says;
        [Msg::Renewed(reloaded.screen), Msg::Notice { text, kind }]
    }

    /// Runs these accounts from now on.
    fn take_up(&mut self, accounts: Vec<EngineAccount>) {
        self.providers = accounts
            .iter()
            .map(|account| (account.id.clone(), account.provider.clone()))
            .collect();
        self.mail_accounts = setup::mail_accounts(&accounts);
        self.colleagues = Colleagues::default();
        self.hands.fetching = Fetching::of(self.store.clone(), self.providers.clone());
        self.holding.renew(accounts);
    }

    async fn carry_out(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Ask { id, query } => self.link.ask(id, query),
            Effect::Do { id, command } => {
                self.changes.own();
                self.link.act(id, self.with_reference(command));
            }
            Effect::Escalate {
                id,
                conversation,
                to,
                reason,
            } => self.page(id, conversation, &to, reason),
            Effect::People { id } => self.people(id),
            Effect::Edit {
                id,
                text,
                suffix: _,
            } => self.edit(id, text).await?,
            Effect::Copy(text) => self.hands.copy(text),
            Effect::Open(link) => self.hands.open(link),
            Effect::SaveAttachment { id, attachment, to } => self.hands.save(id, attachment, to),
            Effect::OpenAttachment(attachment) => self.hands.open_attachment(attachment),
            Effect::PlayAttachment(attachment) => self.hands.play(attachment),
            Effect::Transcribe(attachment) => self.hands.transcribe(attachment),
            Effect::Attach { id, path } => self.hands.attach(id, path),
            Effect::Pipe {
                id,
                message,
                command,
            } => self.hands.pipe(id, message, command),
            Effect::TryAccount { run, filled } => self.setting_up.try_out(run, filled),
            Effect::SaveAccount { run, filled } => self.setting_up.save(run, filled),
            Effect::TestAccount { run, account } => {
                self.setting_up.test(run, &account, &self.providers);
            }
            Effect::PasteToSetup { run: _, text } => self.setting_up.paste(text),
            Effect::StopSetup { run } => self.setting_up.stop(Some(run)),
            Effect::RemoveAccount(account) => self.setting_up.remove(account),
            Effect::CopyHidden(text) => self.hands.copy(text.expose().to_owned()),
            Effect::Unlock(typed) => super::vault::unlock(&typed, &self.hands.answers),
            Effect::MakeVault(typed) => super::vault::make(&typed, &self.hands.answers),
            Effect::Lock => super::vault::lock(&self.hands.answers),
            Effect::Typing(conversation) => {
                super::typing::show(&self.store, &self.providers, conversation);
            }
            Effect::SyncNow => self.holding.nudges.pull_all(),
            Effect::Suspend => {
                if self.terminal.suspend()? == Suspended::NoShell {
                    let text = "there is no shell to go back to".to_owned();
                    let _ = self.hands.answers.send(Msg::Notice {
                        text,
                        kind: NoticeKind::Info,
                    });
                }
            }
            Effect::Redraw => self.terminal.refresh()?,
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

    /// Lists whom the accounts know beside the roster.
    fn people(&self, id: ReqId) {
        let (roster, providers) = (self.desk.roster.clone(), self.providers.clone());
        let (colleagues, answers) = (self.colleagues.clone(), self.hands.answers.clone());
        tokio::spawn(async move {
            let (people, problems) = colleagues.beside(&roster, &providers).await;
            let _ = answers.send(Msg::People {
                id,
                people,
                problems,
            });
        });
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
        let (colleagues, providers) = (self.colleagues.clone(), self.providers.clone());
        let (store, actor, answers) = (
            self.store.clone(),
            self.desk.actor.clone(),
            self.hands.answers.clone(),
        );
        tokio::spawn(async move {
            let result = match colleagues.whom(&to, &roster, &providers).await {
                Ok(to) => escalate::escalate(&store, &actor, &to, &accounts, conversation, &reason)
                    .await
                    .map_err(super::desk_link::refusal),
                Err(refusal) => Err(refusal),
            };
            let _ = answers.send(Msg::Done { id, result });
        });
    }

    async fn edit(&mut self, id: ReqId, text: String) -> anyhow::Result<()> {
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
        let (launcher, dir) = (self.hands.launcher.clone(), edit_dir(self.store.dir()));
        let work = edit(&launcher, &argv, &clean, &dir);
        let text = match self.terminal.lend(work).await? {
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

/// The next of something that there may never be.
async fn next_of<T>(from: &mut Option<mpsc::Receiver<T>>) -> Option<T> {
    match from {
        Some(from) => from.recv().await,
        None => None,
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
