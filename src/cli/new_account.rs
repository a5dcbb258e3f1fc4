//! A new mail account, with somebody at the terminal: logged in where that is its way, tested, saved.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::login::{Way, log_in};
use super::unlock;
use crate::providers::{Health, Provider, Tell};
use crate::runtime::new_account::{NewAccount, Password};

/// Logs in by the browser, where that is the account's way; the test then has a token.
pub fn log_in_first(account: &NewAccount, context: &Context) -> Done {
    context.site().is_new(&account.name)?;
    let Password::Login(login) = &account.password else {
        return Ok(());
    };
    unlock::before_writing(context)?;
    let way = Way {
        device: false,
        browser: true,
    };
    log_in(&login.name, &login.settings, &account.address, way, context)
}

/// The account is not saved after all.
pub fn drop_login(account: &NewAccount, context: &Context) {
    if let Password::Login(login) = &account.password {
        let site = context.site();
        // Nothing is lost when this is interrupted.
        let _ = run_async(async {
            login.forget(&site).await;
            Ok(())
        });
    }
}

/// Reads the account back as the program will, and tries the login.
pub async fn test(account: &NewAccount, context: &Context) -> Done<Health> {
    let account = account.account(&context.site())?;
    probe(super::providers::of(&account).as_ref()).await
}

/// Writes the password into the vault or its file, then the account into the configuration.
pub fn save(account: &NewAccount, context: &Context) -> Done {
    let site = context.site();
    site.is_new(&account.name)?;
    account.account(&site)?;
    if account.fills_vault() {
        unlock::before_writing(context)?;
    }
    run_async(async { Ok(account.save(&site).await?) })
}

/// Tries everything that can be tried before an account is saved.
pub async fn probe_new(provider: &dyn Provider) -> Done<Health> {
    let health = provider.probe_new(Tell::nobody()).await;
    health.map_err(|error| Failure::refused(error.to_string()))
}

/// Tries everything that reading and sending need.
pub async fn probe(provider: &dyn Provider) -> Done<Health> {
    provider
        .probe()
        .await
        .map_err(|error| Failure::refused(error.to_string()))
}
