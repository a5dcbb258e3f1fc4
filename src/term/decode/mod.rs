//! Bytes from the keyboard into events. Pure: no descriptor, no clock.
//!
//! An own decoder, because crossterm's can only be had together with its reader, which spins on a
//! terminal that is gone. It is stricter too: answers of the terminal (status reports, colours,
//! device attributes) are swallowed whole and can never turn into key presses.

mod csi;
mod plain;

use crossterm::event::Event;

/// A paste is handed on in pieces of at most this size.
const PASTE_PIECE: usize = 256 * 1024;
/// The longest control sequence that is waited for.
const LONGEST_CSI: usize = 64;
/// The longest terminal answer that is swallowed.
const LONGEST_STRING: usize = 64 * 1024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the decoder waits for, and so how long to wait before [`Decoder::time_is_up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Nothing: wait for ever.
    Nothing,
    /// The rest of a sequence that may also be a lone Escape: wait some 50 ms.
    Key,
    /// The rest of a terminal's answer or of a character: wait about a second.
    Sequence,
    /// The rest of a paste: wait some seconds.
    Paste,
}

/// Turns input bytes into crossterm's [`Event`]s, however they are split over reads.
#[derive(Debug)]
pub struct Decoder {
    bytes: Vec<u8>,
    pasting: bool,
    erase: u8,
}

/// What one step at the start of the buffer found.
enum Step {
    /// An event that took this many bytes.
    Event(Event, usize),
    /// This many bytes mean nothing.
    Skip(usize),
    /// A paste begins after this many bytes.
    PasteStarts(usize),
    /// More bytes are needed.
    Wait(Pending),
}

impl Decoder {
    /// A decoder for a terminal whose Backspace key sends `erase` (`VERASE`, usually 0x7f).
    pub const fn new(erase: u8) -> Self {
        Self {
            bytes: Vec::new(),
            pasting: false,
            erase,
        }
    }

    /// Takes what was read and appends the events it completes to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) {
        self.bytes.extend_from_slice(bytes);
        self.run(out);
    }

    /// What would be needed to go on.
    pub fn pending(&self) -> Pending {
        if self.pasting {
            return Pending::Paste;
        }
        match self.step() {
            Step::Wait(pending) if !self.bytes.is_empty() => pending,
            _ => Pending::Nothing,
        }
    }

    /// Says that nothing came for as long as [`Decoder::pending`] allowed: what waits is taken for
    /// what it is now.
    pub fn time_is_up(&mut self, out: &mut Vec<Event>) {
        if self.pasting {
            // The end mark was lost. What came is handed on and keys work again.
            self.pasting = false;
            let rest = std::mem::take(&mut self.bytes);
            paste(&rest, out);
            return;
        }
        match self.pending() {
            Pending::Key => {
                let rest = std::mem::take(&mut self.bytes);
                plain::lone(&rest, self.erase, out);
            }
            Pending::Sequence | Pending::Paste => self.bytes.clear(),
            Pending::Nothing => {}
        }
    }

    fn run(&mut self, out: &mut Vec<Event>) {
        while !self.bytes.is_empty() {
            if self.pasting {
                if !self.paste_step(out) {
                    return;
                }
                continue;
            }
            match self.step() {
                Step::Event(event, used) => {
                    out.push(event);
                    self.bytes.drain(..used);
                }
                Step::Skip(used) => {
                    self.bytes.drain(..used);
                }
                Step::PasteStarts(used) => {
                    self.bytes.drain(..used);
                    self.pasting = true;
                }
                Step::Wait(_) => return,
            }
        }
    }

    /// Looks for the end of the paste; `false` when more bytes are needed.
    fn paste_step(&mut self, out: &mut Vec<Event>) -> bool {
        if let Some(end) = find(&self.bytes, PASTE_END) {
            let rest = self.bytes.split_off(end + PASTE_END.len());
            self.bytes.truncate(end);
            paste(&self.bytes, out);
            self.bytes = rest;
            self.pasting = false;
            return true;
        }
        if self.bytes.len() >= PASTE_PIECE {
            // Keep what may be the start of the end mark, and do not cut a character.
            let mut cut = self.bytes.len() - (PASTE_END.len() - 1);
            while cut > 0 && self.bytes[cut] & 0xc0 == 0x80 {
                cut -= 1;
            }
            let rest = self.bytes.split_off(cut);
            paste(&self.bytes, out);
            self.bytes = rest;
        }
        false
    }

    fn step(&self) -> Step {
        let bytes = &self.bytes[..];
        match bytes {
            [] => Step::Wait(Pending::Nothing),
            [0x1b] | [0x1b, b'[' | b'O'] => Step::Wait(Pending::Key),
            // Escape twice: the first is a key by itself.
            [0x1b, 0x1b, ..] => Step::Event(plain::escape(), 1),
            [0x1b, b'[', ..] => csi::step(bytes),
            [0x1b, b'O', ..] => csi::ss3(bytes),
            [0x1b, b']' | b'P' | b'_' | b'^' | b'X', ..] => answer(bytes),
            [0x1b, ..] => plain::alt(bytes, self.erase),
            _ => plain::step(bytes, self.erase),
        }
    }
}

/// An answer of the terminal: swallowed up to its terminator.
fn answer(bytes: &[u8]) -> Step {
    for (i, byte) in bytes.iter().enumerate().skip(2) {
        match byte {
            0x07 => return Step::Skip(i + 1),
            // CAN and SUB abort a string.
            0x18 | 0x1a => return Step::Skip(i + 1),
            0x1b if bytes.get(i + 1) == Some(&b'\\') => return Step::Skip(i + 2),
            0x1b if bytes.len() > i + 1 => return Step::Skip(i),
            _ => {}
        }
    }
    if bytes.len() > LONGEST_STRING {
        return Step::Skip(bytes.len());
    }
    // Alone it may be Alt and a bracket.
    Step::Wait(if bytes.len() == 2 {
        Pending::Key
    } else {
        Pending::Sequence
    })
}

fn paste(bytes: &[u8], out: &mut Vec<Event>) {
    if !bytes.is_empty() {
        out.push(Event::Paste(String::from_utf8_lossy(bytes).into_owned()));
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests;
