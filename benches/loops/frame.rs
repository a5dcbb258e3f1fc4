//! A frame to a terminal's bytes, against the encoder that ratatui brings.

use divan::{Bencher, black_box};
use frontdesk::term::ScreenBackend;
use frontdesk::testing::{Bench, World, cards};
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;

/// What changes between two frames.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The cursor goes one row down, and the preview with it.
    Move,
    /// A page of the list.
    Page,
    /// A conversation is opened.
    Open,
}

const STEPS: [Step; 3] = [Step::Move, Step::Page, Step::Open];

impl Step {
    /// The frames before and after.
    fn frames(self) -> [Buffer; 2] {
        let mut bench = Bench::new(cards::setup(COLUMNS, ROWS), World::busy(300));
        // Past those of the first rows that have more to show than others.
        bench.press("<C-d>");
        let before = bench.frame().0;
        bench.press(match self {
            Self::Move => "j",
            Self::Page => "<C-d>",
            Self::Open => "<Enter>",
        });
        let after = bench.frame().0;
        assert_ne!(before, after, "{self:?}");
        [before, after]
    }
}

#[divan::bench(args = STEPS)]
fn encode(bencher: Bencher, step: Step) {
    in_turn(bencher, step, ours());
}

#[divan::bench(args = STEPS)]
fn bare_ratatui(bencher: Bencher, step: Step) {
    in_turn(bencher, step, stock());
}

/// There and back: a frame differs from the one before as the step's two do.
fn in_turn(bencher: Bencher, step: Step, mut draw: impl FnMut(&Buffer) -> usize) {
    let [before, after] = step.frames();
    let mut forth = false;
    draw(&before);
    bencher.bench_local(|| {
        forth = !forth;
        draw(black_box(if forth { &after } else { &before }))
    });
}

/// Draws a frame with our encoder; how many bytes that made.
fn ours() -> impl FnMut(&Buffer) -> usize {
    let mut terminal = Terminal::new(ScreenBackend::detached(Size::new(COLUMNS, ROWS))).unwrap();
    move |buffer| {
        let paint = |frame: &mut Frame<'_>| frame.buffer_mut().clone_from(buffer);
        terminal.draw(paint).unwrap();
        terminal.backend_mut().take_bytes().len()
    }
}

/// The same with ratatui's own.
fn stock() -> impl FnMut(&Buffer) -> usize {
    let count = Rc::new(Cell::new(0));
    let backend = CrosstermBackend::new(Counted(Rc::clone(&count)));
    let viewport = Viewport::Fixed(Rect::new(0, 0, COLUMNS, ROWS));
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    move |buffer| {
        let paint = |frame: &mut Frame<'_>| frame.buffer_mut().clone_from(buffer);
        terminal.draw(paint).unwrap();
        count.take()
    }
}

/// Counts what is written to it.
struct Counted(Rc<Cell<usize>>);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Bytes are what a slow line feels; no clock shows them.
pub fn tell_bytes() {
    for step in STEPS {
        let [before, after] = step.frames();
        let bytes = |mut draw: Box<dyn FnMut(&Buffer) -> usize>| {
            draw(&before);
            draw(&after)
        };
        let (ours, stock) = (bytes(Box::new(ours())), bytes(Box::new(stock())));
        println!("{step:?}: {ours} bytes, ratatui's own encoder {stock}");
    }
}
