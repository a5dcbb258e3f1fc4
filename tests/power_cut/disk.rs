//! A disk that keeps what was synced, and of the rest what it likes.

use crate::record::Event;
use std::collections::BTreeMap;
use std::path::Path;

/// What a disk writes as one.
const SECTOR: usize = 512;

/// What is left of writes that were not synced.
#[derive(Debug, Clone, Copy)]
pub enum Left {
    /// None of them.
    Nothing,
    /// The first ones, the last of these in part.
    Beginning,
    /// Any of them, in any of their sectors.
    Torn,
}

impl Left {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "dropped",
            Self::Beginning => "cut to a beginning",
            Self::Torn => "torn",
        }
    }
}

#[derive(Clone)]
enum Open {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

/// One file: what is on the disk for sure, and what is on its way.
#[derive(Default, Clone)]
struct File {
    synced: Vec<u8>,
    open: Vec<Open>,
}

#[derive(Default)]
pub struct Disk(BTreeMap<String, File>);

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

fn at(place: u64) -> usize {
    usize::try_from(place).unwrap()
}

impl Disk {
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Written(name, place, bytes) => {
                self.file(name)
                    .open
                    .push(Open::Bytes(*place, bytes.clone()));
            }
            Event::Cut(name, length) => self.file(name).open.push(Open::Length(*length)),
            Event::Synced(name) => {
                let file = self.file(name);
                for open in std::mem::take(&mut file.open) {
                    match open {
                        Open::Bytes(place, bytes) => put(&mut file.synced, at(place), &bytes),
                        Open::Length(length) => file.synced.resize(at(length), 0),
                    }
                }
            }
            Event::Removed(name) => _ = self.0.remove(name),
            Event::Acknowledged(_) => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.0.entry(name.to_owned()).or_default()
    }

    pub fn unsynced(&self) -> usize {
        self.0.values().map(|file| file.open.len()).sum()
    }

    /// Writes the files as they are found after the cut; gives how many writes were dropped or torn.
    pub fn after_the_cut(&self, left: Left, random: &mut fastrand::Rng, dir: &Path) -> usize {
        let mut lost = 0;
        for (name, file) in &self.0 {
            let mut now = file.synced.clone();
            let stop = random.usize(0..=file.open.len());
            for (n, open) in file.open.iter().enumerate() {
                let last = n + 1 == stop;
                if matches!(left, Left::Nothing) || (matches!(left, Left::Beginning) && n >= stop) {
                    lost += 1;
                    continue;
                }
                match open {
                    Open::Length(length) => {
                        if matches!(left, Left::Torn) && random.bool() {
                            lost += 1;
                        } else {
                            now.resize(at(*length), 0);
                        }
                    }
                    Open::Bytes(place, bytes) => {
                        let sectors = bytes.chunks(SECTOR).count();
                        let whole = random.bool();
                        let until = random.usize(0..=sectors);
                        for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                            let kept = match left {
                                Left::Nothing => false,
                                Left::Beginning => !last || sector < until,
                                Left::Torn => whole || random.bool(),
                            };
                            if kept {
                                put(&mut now, at(*place) + sector * SECTOR, part);
                            }
                        }
                        lost += usize::from(match left {
                            Left::Nothing => true,
                            Left::Beginning => last && until < sectors,
                            Left::Torn => !whole,
                        });
                    }
                }
            }
            std::fs::write(dir.join(name), now).unwrap();
        }
        lost
    }
}
