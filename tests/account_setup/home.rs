//! A home with a configuration and a vault, and the screen on it.

use frontdesk::config::{Paths, load_file};
use frontdesk::runtime::{Files, ScreenOptions, run_screen_on};
use frontdesk::secrets::SecretString;
use frontdesk::secrets::vault::{self, Vault};
use frontdesk::term::Probe;
use frontdesk::testing::Robot;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The passphrase of every vault here.
pub const PHRASE: &str = "correct horse battery staple";

/// A process has one vault, so one home at a time.
static ONE: Mutex<()> = Mutex::new(());

pub struct Home {
    pub dir: tempfile::TempDir,
    pub vault: Arc<Vault>,
    _one: MutexGuard<'static, ()>,
}

impl Home {
    /// A home with this configuration; the work of a passphrase is little.
    pub fn with(config: &str) -> Self {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::below(dir.path());
        std::fs::create_dir_all(&paths.config_dir).unwrap();
        let file = paths.config_dir.join("config.toml");
        let config = format!("me = 'nina'\n{config}\n[vault]\nwork_factor = 2\n");
        std::fs::write(&file, config).unwrap();
        let (config, _) = load_file(&file, &paths);
        let vault = Arc::new(Vault::at(
            &paths.vault_dir(),
            &paths.state_dir.join("run"),
            config.vault.clone(),
        ));
        vault::install(vault.clone());
        Self {
            dir,
            vault,
            _one: one,
        }
    }

    /// A vault with these entries, locked.
    pub fn sealed(&self, entries: &[(&str, &str)]) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        self.vault.create(&SecretString::from(PHRASE)).unwrap();
        for (name, secret) in entries {
            let secret = SecretString::from(*secret);
            runtime.block_on(self.vault.put(name, &secret)).unwrap();
        }
        self.vault.lock();
    }

    pub fn config(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    /// The names of what is in the vault, which is open.
    pub fn entries(&self) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(self.vault.names()).unwrap()
    }

    pub fn file(&self) -> PathBuf {
        Paths::below(self.dir.path()).config_dir.join("config.toml")
    }

    /// The product's screen on this home.
    pub fn sit(&self, size: (u16, u16)) -> Robot {
        let paths = Paths::below(self.dir.path());
        let files = Files {
            config: self.file(),
            paths: paths.clone(),
        };
        let (config, problems) = load_file(&files.config, &paths);
        let options = ScreenOptions::default();
        let robot = Robot::start(size, |terminal| {
            run_screen_on(config, problems, files, options, nowhere(), |_| {
                Ok(terminal)
            })
        });
        robot.sees("nina");
        robot
    }
}

/// A terminal about which nothing is known: no desktop, no SSH, whatever this machine has.
fn nowhere() -> Probe {
    Probe::from_vars(&|name| (name == "TERM").then(|| "xterm-256color".to_owned()))
}
