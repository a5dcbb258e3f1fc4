//! An engine without a screen takes up what is written into the configuration, and drops what is taken out.

use crate::support::fakes::twilio::Twilio;
use crate::support::wait::{PATIENCE, until};
use std::process::{Child, Command, Stdio};

struct Engine(Child);

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_engine_without_a_screen_follows_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let (first, second) = (Twilio::start(), Twilio::start());
    second.customer_writes("+12125550142", "hello from the second");
    let head = format!(
        "me = 'nina'\nmirror = '{}'\n",
        dir.path().join("mirror").display()
    );
    let table = |name: &str, fake: &Twilio| {
        let settings = fake.settings("poll_seconds = 1");
        format!("[accounts.{name}]\nprovider = 'twilio'\n{settings}\n")
    };
    let one = format!("{head}{}", table("first", &first));
    std::fs::write(&file, &one).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", &file)
            .env("XDG_CONFIG_HOME", dir.path())
            .env("XDG_DATA_HOME", dir.path())
            .env("XDG_STATE_HOME", dir.path())
            .stdin(Stdio::null());
        command
    };
    let said = |arguments: &[&str]| {
        let output = run(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut command = run(&["sync"]);
    let engine = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _engine = Engine(engine.unwrap());
    until("the first account at work", PATIENCE, || {
        let listed = said(&["account", "list", "--json"]);
        listed.contains("\"state\":\"ok\"").then_some(())
    });
    std::fs::write(&file, format!("{one}{}", table("second", &second))).unwrap();
    until("what the second account has", PATIENCE, || {
        said(&["list"])
            .contains("hello from the second")
            .then_some(())
    });
    // Taken out, it is asked nothing more.
    std::fs::write(&file, &one).unwrap();
    first.customer_writes("+12125550143", "still here");
    until("what the first account has", PATIENCE, || {
        said(&["list"]).contains("still here").then_some(())
    });
}
