//! `init`: an account, step by step, tested before it is saved.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::{account, prompt};
use super::{new_account, new_login};
use crate::config::edit;
use crate::providers::email::servers;
use crate::runtime::new_account::{NewAccount, Password, server};
use crate::secrets::SecretRef;
use crate::secrets::oauth::Preset;
use clap::Args;
use std::path::{Path, PathBuf};

/// What need not be asked.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The account's address; asked if not given.
    pub address: Option<String>,
    /// One more authority to trust, as a PEM file, for servers with a private certificate.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

pub fn run(args: &InitArgs, context: &mut Context) -> Done {
    prompt::needs_person("use `frontdesk account add`")?;
    if !context.file.exists() {
        let me = prompt::until("Your name among the agents", &context.config.me, agent_name)?;
        edit::set_top(&context.file, "me", me.as_str())?;
    }
    let mut address = args.address.clone().unwrap_or_default();
    loop {
        let account = asked(&address, args.ca_file.as_deref(), context)?;
        new_account::log_in_first(&account, context)?;
        prompt::say("trying it …")?;
        let health = run_async(new_account::test(&account, context))?;
        account::print(&account.name, &health, context)?;
        context.out.flush()?;
        let next = if health.ok() {
            's'
        } else {
            prompt::choice(
                "That did not work: again (a), save anyway (s), or quit (q)?",
                "asq",
            )?
        };
        match next {
            's' => {
                new_account::save(&account, context)?;
                let file = context.file.display().to_string();
                context
                    .out
                    .line(&format!("{} is saved in {file}", account.name))?;
                return context
                    .out
                    .line("next: `frontdesk` opens the screen and begins to read");
            }
            'a' => {
                new_account::drop_login(&account, context);
                address = prompt::until("Mail address", &account.address, mail_address)?;
            }
            _ => {
                new_account::drop_login(&account, context);
                return Err(Failure::refused("nothing was saved"));
            }
        }
    }
}

fn agent_name(text: &str) -> Result<String, String> {
    if crate::config::name_is_fine(text) {
        Ok(text.to_owned())
    } else {
        Err("a name is up to 40 letters, digits, `.`, `_` or `-`".to_owned())
    }
}

fn mail_address(text: &str) -> Result<String, String> {
    match text.rsplit_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && domain.contains('.')
                && !text.chars().any(|c| c.is_whitespace() || c.is_control()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!("`{text}` is not a mail address")),
    }
}

fn asked(address: &str, ca_file: Option<&Path>, context: &Context) -> Done<NewAccount> {
    let address = match mail_address(address) {
        Ok(given) => given,
        Err(_) => prompt::until("Mail address", "", mail_address)?,
    };
    let proposed = servers::propose(&address);
    if let Some(hint) = proposed.hint {
        prompt::say(hint)?;
    }
    let taken = |name: &str| {
        context
            .config
            .accounts
            .iter()
            .any(|a| a.id.as_str() == name)
    };
    let local = address.split('@').next().unwrap_or_default();
    let suggestion = if crate::config::name_is_fine(local) && !taken(local) {
        local
    } else {
        ""
    };
    let name = prompt::until("A short name for this account", suggestion, |text| {
        if taken(text) {
            return Err(format!("there is an account `{text}` already"));
        }
        agent_name(text)
    })?;
    let display = prompt::line("The sender's display name", "")?;
    let host = |text: &str, starttls| server(text, starttls).map_err(|f| f.to_string());
    let imap = prompt::until("IMAP server", &proposed.imap, |text| host(text, false))?;
    let smtp = prompt::until("SMTP server", &proposed.smtp, |text| {
        host(text, proposed.smtp_starttls && text == proposed.smtp)
    })?;
    let user = prompt::line("Login name", &address)?;
    let service = Preset::for_mail(&address).or_else(|| Preset::for_mail(&imap.host));
    let password = ask_password(&name, service)?;
    Ok(NewAccount {
        name,
        address,
        display,
        user,
        auth: "password".to_owned(),
        imap,
        smtp: Some(smtp),
        ca_file: ca_file.map(Path::to_owned),
        password,
    })
}

fn ask_password(account: &str, service: Option<&'static Preset>) -> Done<Password> {
    const PLACES: &str = "into the vault (t) or a private file (f), from a command such as pass (c), or an environment variable (e)?";
    let way = match service {
        // Microsoft takes none from programs any more; Google takes app passwords.
        Some(preset) if preset.name == "microsoft" => prompt::choice(
            &format!("Log in by a browser (l), or a password: type it {PLACES}"),
            "ltfce",
        )?,
        Some(_) => prompt::choice(
            &format!("App password: type it {PLACES} Or log in by a browser (l)"),
            "tfcel",
        )?,
        None => prompt::choice(&format!("Password: type it {PLACES}"), "tfce")?,
    };
    if let ('l', Some(preset)) = (way, service) {
        return Ok(Password::Login(Box::new(new_login::asked(
            account, preset,
        )?)));
    }
    Ok(match way {
        't' => Password::Typed(prompt::hidden("Password")?),
        'f' => Password::InFile(prompt::hidden("Password")?),
        'c' => Password::Kept(SecretRef::Command(prompt::until(
            "Command; its first line is the password",
            "",
            |text| crate::term::split(text).map_err(|error| error.to_string()),
        )?)),
        _ => Password::Kept(SecretRef::Env(prompt::until(
            "Name of the variable",
            "",
            |text| {
                if text.is_empty() || text.contains('=') {
                    return Err("a name such as SUPPORT_PASSWORD".to_owned());
                }
                Ok(text.to_owned())
            },
        )?)),
    })
}
