//! `account webhook`: has a vendor post to the listener, or no longer.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::{providers, unlock};
use clap::Args;

/// Which account's vendor is told.
#[derive(Debug, Args)]
pub struct WebhookArgs {
    /// Its name.
    #[arg(value_name = "ACCOUNT")]
    pub name: String,
    /// The vendor shall post nowhere.
    #[arg(long)]
    pub remove: bool,
}

pub fn run(args: &WebhookArgs, context: &mut Context) -> Done {
    context.say_problems();
    let listen = context.config.listen.clone();
    if listen.public_url.is_none() && !args.remove {
        return Err(Failure::refused(
            "set `public_url` in [listen] first: the vendor must be told an address that it can reach",
        ));
    }
    unlock::before_use(context)?;
    let accounts = std::mem::take(&mut context.config.accounts);
    let found = accounts.iter().find(|one| one.id.as_str() == args.name);
    let Some(account) = found else {
        let says = format!("there is no account `{}`", args.name);
        return Err(Failure::refused(says));
    };
    let provider = providers::of(account);
    let url = (!args.remove).then(|| listen.route(&args.name));
    let said = run_async(async { Ok(provider.register(url.as_deref()).await) })?;
    let says = said.map_err(|error| Failure::refused(error.to_string()))?;
    context
        .out
        .value(&serde_json::json!({ "account": args.name, "posts_to": url }))?;
    context.out.line(&says)
}
