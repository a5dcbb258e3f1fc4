//! The desktop's own services: notifications and the keyring, on a real session bus.
//!
//! `tests/desktop/run.sh` brings the bus and the services; without it this suite says that it was left out.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod keyring;
mod notifications;
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::Command;

/// The services' folder, or none after saying that nothing is tried.
fn desktop() -> Option<PathBuf> {
    let folder = std::env::var_os("FRONTDESK_DESKTOP").map(PathBuf::from);
    if folder.is_none() {
        support::left_out(
            "desktop",
            "needs a session bus with its services; run .ci/run or tests/desktop/run.sh",
        );
    }
    folder
}

/// Runs one test of this suite in a process of its own whose bus is not there.
fn without_a_bus(test: &str) {
    elsewhere(
        Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("XDG_RUNTIME_DIR", "/nonexistent"),
    );
}

/// The same on a bus without any services.
fn on_an_empty_bus(test: &str) {
    on_a_bus(
        "<allow user=\"*\"/><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>",
        test,
    );
}

/// The same on a bus that lets nobody hear an answer.
fn on_a_mute_bus(test: &str) {
    on_a_bus("<allow user=\"*\"/><allow send_destination=\"*\"/>", test);
}

fn on_a_bus(allows: &str, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bus.conf");
    let address = folder.path().join("bus");
    let configuration = format!(
        "<busconfig><type>session</type><listen>unix:path={}</listen>\
         <policy context=\"default\">{allows}</policy></busconfig>",
        address.display()
    );
    std::fs::write(&file, configuration).unwrap();
    elsewhere(
        Command::new("dbus-run-session")
            .arg("--config-file")
            .arg(&file)
            .arg("--")
            .arg(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env("XDG_RUNTIME_DIR", folder.path()),
    );
}

fn elsewhere(command: &mut Command) {
    let output = command.env("ELSEWHERE", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Whether this process is the one that [`elsewhere`] started.
fn is_elsewhere() -> bool {
    std::env::var_os("ELSEWHERE").is_some()
}
