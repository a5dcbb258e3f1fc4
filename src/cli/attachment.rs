//! `attachment`: saves or plays one, fetched from its provider if its bytes are not here, or has it transcribed.

use super::context::{Context, run_async};
use super::desk::Desk;
use super::failure::{Done, Failure};
use super::print::diagnostic;
use super::providers;
use crate::model::AttachmentId;
use crate::runtime::{Fetching, transcribing};
use crate::term::{Launcher, PlayError, play};
use clap::Args;
use std::path::PathBuf;

/// Which, and where to.
#[derive(Debug, Args)]
pub struct AttachmentArgs {
    /// Its number, as `show` tells it.
    #[arg(value_name = "NUMBER")]
    pub id: i64,
    /// The folder that it is saved in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub to: PathBuf,
    /// Play it with the configured player (`play` under [commands]) instead of saving it.
    #[arg(long, conflicts_with = "to")]
    pub play: bool,
    /// Have it transcribed by the configured server ([transcription]) instead, also where that failed before.
    #[arg(long, conflicts_with_all = ["to", "play"])]
    pub transcribe: bool,
}

pub fn run(args: &AttachmentArgs, context: &mut Context) -> Done {
    if args.transcribe {
        return transcribe(AttachmentId(args.id), context);
    }
    if args.play && context.config.commands.play.is_none() {
        return Err(Failure::refused(PlayError::NoPlayer.to_string()));
    }
    super::unlock::before_use(context)?;
    let desk = Desk::open(context)?;
    let accounts = context
        .config
        .accounts
        .iter()
        .filter(|account| account.common.enabled)
        .map(|account| (account.id.clone(), providers::of(account)))
        .collect();
    let fetching = Fetching::of(desk.store.clone(), accounts);
    if args.play {
        return play_now(AttachmentId(args.id), &fetching, context);
    }
    let (path, warning) = run_async(async {
        // Its name is a stranger's.
        let place = |name: &crate::text::SafeFileName| args.to.join(name.to_string());
        fetching
            .save(AttachmentId(args.id), place)
            .await
            .map_err(|error| Failure::refused(error.to_string()))
    })?;
    context
        .out
        .value(&serde_json::json!({ "saved": path.display().to_string(), "warning": warning }))?;
    if let Some(warning) = warning {
        diagnostic(&format!("warning: the file {warning}"));
    }
    context.out.line(&format!("saved as {}", path.display()))
}

fn play_now(id: AttachmentId, fetching: &Fetching, context: &mut Context) -> Done {
    let configured = context.config.commands.play.clone();
    let path = run_async(async {
        let path = fetching
            .playable(id)
            .await
            .map_err(|error| Failure::refused(error.to_string()))?;
        play(&Launcher::default(), configured.as_deref(), &path)
            .await
            .map_err(|error| Failure::refused(error.to_string()))?;
        Ok(path)
    })?;
    context
        .out
        .value(&serde_json::json!({ "playing": path.display().to_string() }))?;
    context.out.line(&format!("playing {}", path.display()))
}

fn transcribe(id: AttachmentId, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let settings = context.config.transcription.clone();
    run_async(async {
        transcribing::ask(&desk.store, &settings, id)
            .await
            .map_err(|error| Failure::refused(error.to_string()))
    })?;
    context.out.value(&serde_json::json!({ "asked": id.0 }))?;
    context
        .out
        .line("it will be transcribed as soon as an engine runs (`frontdesk`, `frontdesk sync`)")
}
