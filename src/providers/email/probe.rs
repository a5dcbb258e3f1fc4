//! `frontdesk account test`: everything that reading and sending need, tried one by one without changing anything.

use super::account::{Account, resolve};
use super::imap::ImapSession;
use super::settings::SmtpSettings;
use super::smtp::SmtpClient;
use super::sync::Reader;
use super::tls::look_up;
use crate::providers::{Check, Checks, Health, ProviderError, Tell};

/// Tries everything; what depends on something that failed is not tried.
pub async fn probe(account: &Account, tell: Tell) -> Health {
    let mut health = Checks::telling(tell);
    reading(account, &mut health).await;
    if account.settings.smtp.is_empty() {
        add(
            &mut health,
            "sending",
            Err("no sending server is configured; add an [[smtp]] table to answer".to_owned()),
        );
    }
    for server in &account.settings.smtp {
        sending(account, server, &mut health).await;
    }
    health.health()
}

fn add(health: &mut Checks, name: impl Into<String>, result: Result<String, String>) -> bool {
    let ok = result.is_ok();
    health.push(Check {
        name: name.into(),
        ok,
        says: result.unwrap_or_else(|words| words),
    });
    ok
}

async fn reading(account: &Account, health: &mut Checks) {
    let imap = &account.settings.imap;
    let (host, port) = (imap.host.as_str(), imap.port());
    if !name(host, port, health, "IMAP").await {
        return;
    }
    let mut session = match ImapSession::open(imap).await {
        Ok(session) => {
            add(
                health,
                "IMAP connection",
                Ok(format!("{host} port {port}, encrypted")),
            );
            session
        }
        Err(error) => {
            add(health, "IMAP connection", Err(error.to_string()));
            return;
        }
    };
    let login = match resolve(&imap.password).await {
        Ok(secret) => account.log_in(&mut session, &secret).await,
        Err(error) => Err(error),
    };
    let user = account.settings.imap_user();
    if !add(
        health,
        "IMAP login",
        login.map(|()| format!("as {user}")).map_err(words),
    ) {
        return;
    }
    let told = match Reader::new(session).await {
        Ok(reader) => {
            let told = folders(account, &reader);
            reader.session.logout().await;
            told
        }
        Err(error) => Err(error.to_string()),
    };
    add(health, "folders", told);
}

fn folders(account: &Account, reader: &Reader) -> Result<String, String> {
    let chosen = reader.chosen(&account.settings);
    let missing: Vec<&str> = account
        .settings
        .folders
        .iter()
        .filter(|name| {
            !chosen
                .iter()
                .any(|folder| folder.name == **name || folder.name.eq_ignore_ascii_case(name))
        })
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        let all: Vec<&str> = reader
            .folders
            .iter()
            .map(|folder| folder.name.as_str())
            .collect();
        return Err(format!(
            "there is no folder {}; the server has {}",
            missing.join(", "),
            super::words::clean(&all.join(", "))
        ));
    }
    let names: Vec<&str> = chosen.iter().map(|folder| folder.name.as_str()).collect();
    let session = &reader.session;
    let follows = if session.has_qresync() {
        "every change by its number (QRESYNC)"
    } else if session.has_condstore() {
        "changes by their number, deletions by comparing (CONDSTORE)"
    } else {
        "everything by comparing"
    };
    let waits = if session.has("NOTIFY") {
        "told of news in all folders (NOTIFY)"
    } else if session.has("IDLE") {
        "told of news in one folder (IDLE)"
    } else {
        "not told of news, so it is looked for"
    };
    Ok(format!(
        "{}; {follows}; {waits}",
        super::words::clean(&names.join(", "))
    ))
}

async fn sending(account: &Account, server: &SmtpSettings, health: &mut Checks) {
    let (host, port) = (server.host.as_str(), server.port());
    if !name(host, port, health, "SMTP").await {
        return;
    }
    match SmtpClient::open(server, account.smtp_ca(server)).await {
        Ok(client) => {
            add(
                health,
                format!("SMTP connection to {host}"),
                Ok(format!("{host} port {port}, encrypted")),
            );
            client.quit().await;
        }
        Err(error) => {
            add(
                health,
                format!("SMTP connection to {host}"),
                Err(error.to_string()),
            );
            return;
        }
    }
    let result = match account.submission(server).await {
        Ok(client) => {
            client.quit().await;
            Ok(format!("as {}", account.smtp_user(server)))
        }
        Err(error) => Err(words(error)),
    };
    add(health, format!("SMTP login at {host}"), result);
}

async fn name(host: &str, port: u16, health: &mut Checks, what: &str) -> bool {
    let found = look_up(host, port).await.map(|found| {
        found
            .first()
            .map_or_else(|| host.to_owned(), |at| format!("{host} is {}", at.ip()))
    });
    add(
        health,
        format!("{what} name"),
        found.map_err(|error| format!("{error}; check host in the account's table")),
    )
}

/// Without the variant's own introduction, which the check's name gives already.
fn words(error: ProviderError) -> String {
    match error {
        ProviderError::Auth(words)
        | ProviderError::Locked(words)
        | ProviderError::Transient(words) => words,
        other => other.to_string(),
    }
}
