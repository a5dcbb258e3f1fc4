//! What every subcommand has at hand: paths, configuration, printer.

use super::args::Common;
use super::failure::{Done, Failure};
use super::print::{Printer, diagnostic};
use crate::config::{Config, Level, Paths, Problem, load_file};
use crate::runtime::new_account::Site;
use crate::secrets::vault::{self, Vault};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Paths, configuration and printer of one run.
pub struct Context {
    /// The program's directories.
    pub paths: Paths,
    /// The configuration file in use; need not exist.
    pub file: PathBuf,
    /// What it says.
    pub config: Config,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// The vault, which need not exist.
    pub vault: Arc<Vault>,
    /// Where output goes.
    pub out: Printer,
    /// Run for somebody who may use nothing but the verbs.
    pub restricted: bool,
}

impl Context {
    /// Reads the configuration.
    pub fn new(common: &Common) -> Done<Self> {
        let paths = Paths::find()?;
        let file = common.config.clone().unwrap_or_else(|| paths.config_file());
        if common.config.is_some() && !file.exists() {
            return Err(Failure::Usage(format!(
                "there is no file {}",
                file.display()
            )));
        }
        let (mut config, problems) = load_file(&file, &paths);
        if let Some(dir) = &common.mirror {
            config.mirror.clone_from(dir);
        }
        let vault = Arc::new(Vault::at(
            &paths.vault_dir(),
            // Not the session's own folder: one at the desk and one who came by SSH speak to the same keeper.
            &paths.state_dir.join("run"),
            config.vault.clone(),
        ));
        vault::install(vault.clone());
        Ok(Self {
            vault,
            paths,
            file,
            config,
            problems,
            out: Printer::new(common.json),
            restricted: false,
        })
    }

    /// Where accounts are kept.
    pub fn site(&self) -> Site {
        Site {
            file: self.file.clone(),
            paths: self.paths.clone(),
            config: self.config.clone(),
            vault: self.vault.clone(),
        }
    }

    /// Says on standard error, one line each, which parts of the configuration are left out.
    pub fn say_problems(&self) {
        let errors = self.problems.iter().filter(|p| p.level == Level::Error);
        for problem in errors.clone().take(3) {
            diagnostic(&problem.line());
        }
        if errors.count() > 3 {
            diagnostic("and more; `frontdesk config check` shows all");
        }
    }
}

/// Runs `work` to its end, or until Ctrl-C.
pub fn run_async<T>(work: impl Future<Output = Done<T>>) -> Done<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        // Heard from before the first step of the work: a Ctrl-C in between would end the process without a word.
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            done = work => done,
            _ = interrupt.recv() => Err(Failure::Interrupted),
        }
    });
    // A name look-up or a file read that hangs must not keep the process.
    runtime.shutdown_background();
    done
}
