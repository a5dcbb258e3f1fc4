//! Keys in, whole screens out: the screen as the runtime drives it, with a desk in the store's place.

use super::desk::Desk;
use super::{dump, keys};
use crate::model::{Command, Timestamp};
use crate::ui::{self, App, Change, Effect, Msg, Setup};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::collections::VecDeque;

/// The screen on a bench. Questions and commands are answered by the desk in the order asked; all other effects are kept
/// for the test to look at.
pub struct Bench<D> {
    /// The screen.
    pub app: App,
    /// The store's place.
    pub desk: D,
    /// Every command that was carried out or refused, in order.
    pub done: Vec<Command>,
    /// Effects that are the runtime's: copy, open, edit, quit …, in order.
    pub effects: Vec<Effect>,
    now: Timestamp,
    size: (u16, u16),
    held: Option<VecDeque<Effect>>,
}

impl<D: Desk> Bench<D> {
    /// A screen of this size, with its first questions answered.
    pub fn new(setup: Setup, desk: D) -> Self {
        let mut bench = Self::silent(setup, desk);
        bench.answer();
        bench
    }

    /// The same, with nothing answered until [`Bench::answer`] is called.
    pub fn silent(setup: Setup, desk: D) -> Self {
        let (now, size) = (setup.now, setup.size);
        let (app, effects) = App::new(setup);
        let mut bench = Self {
            app,
            desk,
            done: Vec::new(),
            effects: Vec::new(),
            now,
            size,
            held: Some(VecDeque::new()),
        };
        bench.take(effects);
        bench
    }

    /// From now on answers are kept back until [`Bench::answer`].
    pub fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Gives the answers kept back, in order, and answers at once again.
    pub fn answer(&mut self) {
        let held = self.held.take().unwrap_or_default();
        self.take(held.into());
    }

    /// Tells the screen something and answers what it asks, until it asks no more.
    pub fn tell(&mut self, msg: Msg) -> &mut Self {
        // As the runtime does, so that what a message does is judged by the time at which it comes.
        let mut effects = ui::update(&mut self.app, Msg::Clock(self.now));
        effects.extend(ui::update(&mut self.app, msg));
        self.take(effects);
        self
    }

    /// Presses keys (see [`keys::presses`]).
    pub fn press(&mut self, text: &str) -> &mut Self {
        for event in keys::presses(text) {
            self.tell(Msg::Key(event));
        }
        self
    }

    /// Lets time pass, waking the screen when it wants to be woken.
    ///
    /// # Panics
    /// When the screen wants to be woken in the past.
    pub fn pass(&mut self, ms: i64) -> &mut Self {
        let until = self.now + ms;
        while let Some(wake) = self.app.next_wake().filter(|wake| *wake <= until) {
            assert!(wake > self.now, "woken for a time that has passed");
            self.now = wake;
            self.tell(Msg::Clock(wake));
        }
        self.now = until;
        self
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.tell(Msg::Resize(columns, rows))
    }

    /// The frame as drawn, and where the cursor is.
    ///
    /// # Panics
    /// Never: the backend is in memory.
    #[allow(clippy::expect_used, reason = "the backend is in memory")]
    pub fn frame(&self) -> (Buffer, Option<Position>) {
        let mut terminal =
            Terminal::new(TestBackend::new(self.size.0, self.size.1)).expect("in memory");
        terminal
            .draw(|frame| ui::draw(&self.app, frame))
            .expect("in memory");
        let shown = terminal.backend().cursor_visible();
        let cursor = shown.then(|| terminal.backend().cursor_position());
        (terminal.backend().buffer().clone(), cursor)
    }

    /// The text of the screen.
    pub fn screen(&self) -> String {
        dump::text(&self.frame().0)
    }

    /// The text of the screen with the role of each piece; for a setup with [`dump::theme`].
    pub fn roles(&self) -> String {
        dump::roles(&self.frame().0)
    }

    /// The last line of the screen.
    pub fn status(&self) -> String {
        self.screen().lines().last().unwrap_or("").to_owned()
    }

    /// The effects kept so far, which are then forgotten.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn take(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        let mut rounds = 0;
        while let Some(effect) = todo.pop_front() {
            if let Some(held) = &mut self.held {
                held.push_back(effect);
                continue;
            }
            rounds += 1;
            assert!(rounds < 2_000, "the screen asks for ever: {effect:?}");
            let msg = match effect {
                Effect::Ask { id, query } => Msg::Answer {
                    id,
                    answer: self.desk.ask(&query),
                },
                Effect::Do { id, command } => {
                    let result = self.desk.act(&command);
                    // As the mirror does: whoever changes it, everybody is told.
                    if result.is_ok() && !matches!(command, Command::SaveDraft(_)) {
                        let change = Change {
                            lists: true,
                            outbox: true,
                            ..Change::default()
                        };
                        todo.extend(ui::update(&mut self.app, Msg::Changed(change)));
                    }
                    self.done.push(command);
                    Msg::Done { id, result }
                }
                other => {
                    self.effects.push(other);
                    continue;
                }
            };
            todo.extend(ui::update(&mut self.app, msg));
        }
    }
}
