//! `account login`: a login by OAuth 2, with a browser here or anywhere.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::{prompt, unlock};
use crate::secrets::SecretRef;
use crate::secrets::oauth::{
    Client, DevicePrompt, LoginSettings, OauthError, Redirect, login_by_device,
};
use crate::term::{Display, Launcher, Probe, open_link};
use clap::Args;
use std::io::IsTerminal;
use zeroize::Zeroizing;

/// Which login, and by which way.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The login's name, or the account's that uses it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Show a code to be typed into a browser on any machine; not every service has it for mail.
    #[arg(long)]
    pub device: bool,
    /// Show the address only; open no browser.
    #[arg(long)]
    pub no_browser: bool,
}

pub fn run(args: &LoginArgs, context: &mut Context) -> Done {
    let (name, settings, hint) = which(&args.name, context)?;
    unlock::before_writing(context)?;
    let way = Way {
        device: args.device,
        browser: !args.no_browser,
    };
    log_in(&name, &settings, &hint, way, context)?;
    context
        .out
        .value(&serde_json::json!({ "logged_in": name }))?;
    context.out.line(&format!("{name} is logged in"))
}

/// How to log in.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// By a code.
    pub device: bool,
    /// Open a browser.
    pub browser: bool,
}

/// Logs in and puts the tokens into the vault, which is open.
pub fn log_in(
    name: &str,
    settings: &LoginSettings,
    hint: &str,
    way: Way,
    context: &Context,
) -> Done {
    run_async(async {
        context.vault.seen().await;
        let client = Client::of(name, settings).await?;
        if way.device {
            return Ok(login_by_device(&client, &context.vault, show).await?);
        }
        let redirect = Redirect::begin(client).await?;
        let address = redirect.address(hint).to_string();
        prompt::say("open this address in a browser, and allow frontdesk to read and send mail:")?;
        prompt::say("")?;
        prompt::say(&address)?;
        prompt::say("")?;
        let probe = Probe::from_env();
        if way.browser && probe.display != Display::None {
            let opener = context.config.commands.opener.as_deref();
            if let Err(error) = open_link(&Launcher::default(), &probe, opener, &address).await {
                prompt::say(&error.to_string())?;
            }
        }
        let code = if std::io::stdin().is_terminal() {
            prompt::say(
                "if the browser runs on another machine, it ends at a page that cannot be shown: paste that page's address here",
            )?;
            tokio::select! {
                code = redirect.answer() => code?,
                code = pasted(&redirect) => code?,
            }
        } else {
            redirect.answer().await?
        };
        Ok(redirect.finish(&context.vault, &code).await?)
    })
}

fn show(shown: &DevicePrompt) {
    // Should the terminal be gone, nobody will type the code, and the wait ends by itself.
    let _ = prompt::say(&format!(
        "open {} in a browser anywhere, and type the code {}",
        shown.page, shown.code
    ));
}

/// An address that somebody pastes; waits for another when it is not for this login.
async fn pasted(redirect: &Redirect) -> Done<Zeroizing<String>> {
    let (send, mut lines) = tokio::sync::mpsc::channel::<Zeroizing<String>>(1);
    // A thread of its own: a line that nobody types must not keep the program from ending.
    std::thread::spawn(move || {
        loop {
            let mut line = Zeroizing::new(String::with_capacity(8192));
            match std::io::stdin().read_line(&mut line) {
                Ok(read) if read > 0 && send.blocking_send(line).is_ok() => {}
                _ => return,
            }
        }
    });
    loop {
        let Some(line) = lines.recv().await else {
            return std::future::pending().await;
        };
        if line.trim().is_empty() {
            continue;
        }
        match redirect.pasted(&line) {
            Err(error @ OauthError::NotForUs) => prompt::say(&error.to_string())?,
            other => return Ok(other?),
        }
    }
}

/// The login of that name, or the one that the account of that name uses; with the account's address.
fn which(name: &str, context: &Context) -> Done<(String, LoginSettings, String)> {
    let accounts = &context.config.accounts;
    let account = accounts.iter().find(|account| account.id.as_str() == name);
    let used = account.and_then(|account| {
        let own = account.provider.own();
        own.secrets().into_iter().find_map(|secret| match secret {
            SecretRef::Login(login) => Some(login.clone()),
            _ => None,
        })
    });
    let login = used.unwrap_or_else(|| name.to_owned());
    let Some(settings) = context.config.logins.get(&login) else {
        return Err(Failure::refused(match account {
            Some(_) => format!(
                "the account `{name}` uses no login; it would have password = {{ login = \"{name}\" }} and a table [logins.{name}]"
            ),
            None => format!("there is no login `{name}`; write a table [logins.{name}]"),
        }));
    };
    let user = accounts.iter().find(|account| {
        let own = account.provider.own();
        own.secrets().contains(&&SecretRef::Login(login.clone()))
    });
    let hint = account
        .or(user)
        .map_or("", |account| account.provider.own().address());
    Ok((login.clone(), settings.clone(), hint.to_owned()))
}
