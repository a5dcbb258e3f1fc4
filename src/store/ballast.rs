//! A file of zeros that is given up when the disk is full, so that an agent's last words still find room.

use super::open::private;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Its name in the mirror's folder.
const FILE: &str = "ballast";
/// Its size in bytes: room for some hundred small transactions.
const SIZE: usize = 1024 * 1024;

/// Takes the room, if it is there to be taken. A disk that is full already has none to reserve.
pub(super) fn load(dir: &Path) {
    let path = dir.join(FILE);
    if fs::metadata(&path).is_ok_and(|found| found.len() == SIZE as u64) {
        return;
    }
    let write = || -> std::io::Result<()> {
        let mut file = private(&path)?;
        file.set_len(0)?;
        file.write_all(&vec![0; SIZE])?;
        file.sync_all()
    };
    if write().is_err() {
        let _ = fs::remove_file(&path);
    }
}

/// Gives the room up; true when there was some.
pub(super) fn drop_it(dir: &Path) -> bool {
    fs::remove_file(dir.join(FILE)).is_ok()
}
